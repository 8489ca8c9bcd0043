"""How a payload reaches a real command under a real keeper: arguments, variables, file, standard input."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jobctl.domain.job import Execution, Job, Param, Source
from jobctl.process import payload, result
from jobctl.process.launch import AttemptPlaces, LaunchProblem, Recipe
from jobctl.process.recovery_view import stop_unsupervised
from jobctl.process.reports import Ended, NotStarted
from jobctl.process.spec import AttemptSpec
from tests.faults.disk import SmallDisk
from tests.process.conftest import Bench, wait_until
from tests.process.test_launch import log_of, make_run

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
PARAMS = {"to": Param("string", required=True), "copies": Param("integer", default=1), "note": Param("string")}
GIVEN = '{"to":"a b","note":"ä"}'
WHOLE = {"to": "a b", "note": "ä", "copies": 1}


@pytest.fixture
def places(tmp_path: Path, bench: Bench) -> AttemptPlaces:
    return AttemptPlaces(tmp_path / "jobs.toml", tmp_path / "state")


def spec_for(
    places: AttemptPlaces, command: Any, given: str | None = GIVEN, params: Any = PARAMS, **execution: Any
) -> AttemptSpec:
    job = Job("mail", command, Source("jobs.toml", 1), params=params, execution=Execution(cwd="/", **execution))
    return Recipe(job, places).spec(make_run(params=given), 1, b"t" * 16, log_of(places))


def test_a_list_command_gets_the_values_in_its_arguments(bench: Bench, places: AttemptPlaces) -> None:
    bench.run(spec_for(places, ("printf", "%s|", "--to={to}", "{copies}x{note}", "{other}", "${HOME}")))
    assert bench.output() == "--to=a b|1xä|{other}|${HOME}|"


def test_a_shell_never_sees_a_value_in_its_text(bench: Bench, places: AttemptPlaces) -> None:
    bench.run(spec_for(places, 'echo "{to} $JOBCTL_PARAM_TO"', '{"to":"$(id); `id`"}'))
    assert bench.output() == "{to} $(id); `id`\n"


def test_variables_hold_every_value(bench: Bench, places: AttemptPlaces) -> None:
    bench.run(spec_for(places, "env | grep ^JOBCTL_PARAM_ | sort"))
    assert bench.output() == "JOBCTL_PARAM_COPIES=1\nJOBCTL_PARAM_NOTE=ä\nJOBCTL_PARAM_TO=a b\n"


def test_the_file_is_there_for_its_owner_alone_while_the_job_runs(bench: Bench, places: AttemptPlaces) -> None:
    spec = spec_for(places, 'stat -c %a "$JOBCTL_PARAMS_FILE"; cat "$JOBCTL_PARAMS_FILE"')
    bench.run(spec)
    mode, content = bench.output().split("\n", 1)
    assert (mode, json.loads(content)) == ("600", WHOLE)
    assert not Path(spec.env["JOBCTL_PARAMS_FILE"]).exists()


def test_standard_input_holds_the_payload_when_the_job_wants_it(bench: Bench, places: AttemptPlaces) -> None:
    bench.run(spec_for(places, ("cat",), stdin_params=True))
    assert json.loads(bench.output()) == WHOLE


def test_standard_input_is_an_empty_object_for_a_job_without_params(bench: Bench, places: AttemptPlaces) -> None:
    spec = spec_for(places, ("cat",), None, {}, stdin_params=True)
    bench.run(spec)
    assert bench.output() == "{}"
    assert "JOBCTL_PARAMS_FILE" not in spec.env


def test_a_payload_of_a_megabyte_comes_through_the_file_and_stdin(bench: Bench, places: AttemptPlaces) -> None:
    given = json.dumps({"to": "x" * 990_000})
    spec = spec_for(places, 'wc -c < "$JOBCTL_PARAMS_FILE"; wc -c; echo "[$JOBCTL_PARAM_TO]"', given, stdin_params=True)
    assert bench.run(spec).exit_code == 0
    size = len(json.dumps({"copies": 1, "to": "x" * 990_000}, separators=(",", ":")))
    assert bench.output() == f"{size}\n{size}\n[]\n"


@pytest.mark.parametrize("ending", ["exit 3", "kill -9 $$", "sleep 60"])
def test_the_file_is_gone_however_the_job_ends(bench: Bench, places: AttemptPlaces, ending: str) -> None:
    spec = spec_for(places, f'test -e "$JOBCTL_PARAMS_FILE" && echo there; {ending}', timeout=0.3)
    bench.run(spec)
    assert bench.output() == "there\n"
    assert not Path(spec.env["JOBCTL_PARAMS_FILE"]).exists()


def test_a_command_that_cannot_be_executed_leaves_no_file(bench: Bench, places: AttemptPlaces) -> None:
    spec = spec_for(places, ("/etc/hostname",))
    assert bench.run(spec).exit_code == 126
    assert not Path(spec.env["JOBCTL_PARAMS_FILE"]).exists()


@pytest.mark.root
@needs_root
def test_a_full_disk_gives_the_run_back_and_leaves_no_part_of_the_file(bench: Bench, places: AttemptPlaces) -> None:
    places.state_dir.mkdir()
    disk = SmallDisk(places.state_dir / "params", megabytes=1)
    try:
        keeper = bench.launch(spec_for(places, ("true",), json.dumps({"to": "x" * 990_000})))
        bench.next_report(Ended)
        bench.pool.settled(keeper)
        disk.fill()
        keeper = bench.launch(spec_for(places, ("true",)))
        assert "ENOSPC" in bench.next_report(NotStarted).reason
        bench.pool.settled(keeper)
        assert [path.name for path in disk.folder.iterdir()] == ["filler"]
    finally:
        disk.remove()


def test_what_lies_in_the_place_of_the_file_is_not_followed(bench: Bench, places: AttemptPlaces) -> None:
    spec = spec_for(places, 'cat "$JOBCTL_PARAMS_FILE"')
    file = Path(spec.env["JOBCTL_PARAMS_FILE"])
    precious = bench.directory / "precious"
    precious.write_text("kept")
    file.parent.mkdir(parents=True)
    file.symlink_to(precious)
    bench.run(spec)
    assert json.loads(bench.output()) == WHOLE
    assert precious.read_text() == "kept"


def test_what_a_killed_keeper_left_is_removed(bench: Bench, places: AttemptPlaces) -> None:
    spec = spec_for(places, ("sleep", "60"))
    keeper = bench.launch_and_see_it_run(spec)
    file = Path(spec.env["JOBCTL_PARAMS_FILE"])
    assert file.exists()
    os.kill(bench.keeper_pid(keeper), 9)
    payload.remove_left(places.state_dir, spec.run_id, 1)
    assert not file.exists()
    wait_until(
        lambda: stop_unsupervised(bench.keepers_dir, keeper, spec.token, spec.run_id, 1, 9) == 0, "the job has gone"
    )


def test_a_run_from_before_a_param_was_required_is_told(places: AttemptPlaces) -> None:
    with pytest.raises(LaunchProblem, match="the run has no value for to, which the job requires"):
        spec_for(places, ("true",), None)


def test_values_that_an_older_definition_took_are_still_handed_over(bench: Bench, places: AttemptPlaces) -> None:
    bench.run(spec_for(places, ("printenv", "JOBCTL_PARAM_GONE"), '{"gone":"5"}', {}))
    assert bench.output() == "5\n"


@pytest.mark.root
@needs_root
def test_another_user_owns_its_file_and_can_read_it(bench: Bench, places: AttemptPlaces) -> None:
    script = 'stat -c "%U %a" "$JOBCTL_PARAMS_FILE"; cat "$JOBCTL_PARAMS_FILE"; cat'
    spec = spec_for(places, script, user="nobody", stdin_params=True)
    file = Path(spec.env["JOBCTL_PARAMS_FILE"])
    try:
        assert bench.run(spec).exit_code == 0
        head, rest = bench.output().split("\n", 1)
        assert head == "nobody 600"
        assert rest == 2 * json.dumps(WHOLE, ensure_ascii=False, separators=(",", ":")).replace(
            '"to":"a b","note":"ä","copies":1', '"copies":1,"to":"a b","note":"ä"'
        )
        assert not file.exists()
    finally:
        result.remove(places.state_dir, spec.run_id, 1)
    assert not file.parent.exists()
