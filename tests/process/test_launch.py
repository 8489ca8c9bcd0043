"""From a job and a run to a spec: every lookup, and a sentence for each that fails."""

from __future__ import annotations

import os
import pwd
import resource
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobctl import plain_file
from jobctl.domain import run_id
from jobctl.domain.job import EnvValue, Execution, FromEnv, FromFile, Job, Source, Triggers
from jobctl.domain.own_variables import OWN
from jobctl.domain.policies import Limits
from jobctl.domain.run import Origin, Run, Status
from jobctl.process import accounts, environment, result
from jobctl.process.equipment import executable
from jobctl.process.launch import AttemptPlaces, LaunchProblem, Recipe
from jobctl.process.secret_values import secret_values
from jobctl.process.spec import AttemptSpec, Owner
from tests.process.conftest import Bench

RUN_ID = 123_456_789_012
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def make_run(**changes: Any) -> Run:
    unset = dict.fromkeys(Run._fields)
    values = {"id": RUN_ID, "job": "nightly", "status": Status.QUEUED, "origin": Origin.SCHEDULE, "due_at": 1_500}
    return Run(**(unset | values | changes))  # type: ignore[arg-type]


@pytest.fixture
def places(tmp_path: Path) -> AttemptPlaces:
    return AttemptPlaces(tmp_path / "jobs.toml", tmp_path / "state")


def spec_for(places: AttemptPlaces, command: Any = ("true",), **execution: Any) -> AttemptSpec:
    job = Job("nightly", command, Source("jobs.toml", 1), execution=Execution(**execution))
    return Recipe(job, places).spec(make_run(slot=1_700_000_000), 2, b"t" * 16, log_of(places))


def log_of(places: AttemptPlaces) -> str:
    return str(places.state_dir.parent / "logs" / "job.log")


def test_the_environment_is_clean_and_complete(places: AttemptPlaces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setenv("SECRET_OF_THE_DAEMON", "x")
    me = pwd.getpwuid(os.geteuid())
    text_id = run_id.to_text(RUN_ID)
    assert spec_for(places).env == {
        "PATH": environment.ROOT_PATH if me.pw_uid == 0 else environment.USER_PATH,
        "HOME": me.pw_dir,
        "USER": me.pw_name,
        "LOGNAME": me.pw_name,
        "SHELL": me.pw_shell,
        "LANG": "C.UTF-8",
        "JOBCTL_JOB": "nightly",
        "JOBCTL_RUN_ID": text_id,
        "JOBCTL_ATTEMPT": "2",
        "JOBCTL_ORIGIN": "schedule",
        "JOBCTL_SCHEDULED_FOR": "2023-11-14T22:13:20Z",
        "JOBCTL_CONFIG": str(places.config_path),
        "JOBCTL_STATE_DIR": str(places.state_dir),
        "JOBCTL_RESULT": str(places.state_dir / "results" / f"{text_id}-2.json"),
    }


def test_the_later_source_of_a_variable_wins(places: AttemptPlaces) -> None:
    (places.config_path.parent / ".env").write_text("A=file\nB=file\nLANG=de_DE.UTF-8\n")
    env = spec_for(places, env_file=".env", env={"B": "job"}).env
    assert (env["A"], env["B"], env["LANG"]) == ("file", "job", "de_DE.UTF-8")


def test_what_jobctl_tells_a_job_of_itself_is_not_for_the_file_to_say(places: AttemptPlaces) -> None:
    (places.config_path.parent / ".env").write_text("JOBCTL_RUN_ID=fake\nJOBCTL_HOME=file\n")
    spec = spec_for(places, env_file=".env", env={"JOBCTL_JOB": "fake"})
    assert (spec.env["JOBCTL_RUN_ID"], spec.env["JOBCTL_JOB"]) == (spec.run_id, "nightly")
    assert spec.env["JOBCTL_HOME"] == "file"


def test_each_of_these_variables_is_known_as_jobctls_own(places: AttemptPlaces) -> None:
    assert {name for name in spec_for(places).env if name.startswith("JOBCTL_")} <= OWN


def test_the_zone_is_the_jobs_then_the_files(places: AttemptPlaces) -> None:
    job = Job("nightly", ("true",), Source("jobs.toml", 1))
    zoned = replace(job, triggers=Triggers(timezone="Asia/Tokyo"))
    of_file, of_job = (Recipe(one, places, timezone="Europe/Berlin") for one in (job, zoned))
    assert of_file.spec(make_run(), 1, b"t" * 16, log_of(places)).env["TZ"] == "Europe/Berlin"
    assert of_job.spec(make_run(), 1, b"t" * 16, log_of(places)).env["TZ"] == "Asia/Tokyo"


def test_attempts_of_one_recipe_share_nothing_that_is_their_own(places: AttemptPlaces) -> None:
    job = Job("nightly", ("true",), Source("jobs.toml", 1), execution=Execution(env={"A": "job"}))
    recipe = Recipe(job, places)
    first = recipe.spec(make_run(), 1, b"a" * 16, log_of(places), extra_env={"JOBCTL_PARENT_JOB": "dump", "A": "extra"})
    second = recipe.spec(make_run(id=RUN_ID + 1), 2, b"b" * 16, log_of(places))
    assert (first.env["JOBCTL_PARENT_JOB"], first.env["A"]) == ("dump", "job")
    assert "JOBCTL_PARENT_JOB" not in second.env
    assert second.env["JOBCTL_RUN_ID"] == second.run_id != first.run_id
    assert (second.env["JOBCTL_ATTEMPT"], second.token) == ("2", b"b" * 16)


def test_what_others_change_between_two_attempts_is_seen(places: AttemptPlaces) -> None:
    program, secret = places.config_path.parent / "tool", places.config_path.parent / "secret"
    env: dict[str, EnvValue] = {"PATH": str(program.parent), "TOKEN": FromFile(str(secret))}
    recipe = Recipe(Job("nightly", ("tool",), Source("jobs.toml", 1), execution=Execution(env=env, cwd="/")), places)
    secret.write_text("first\n")
    with pytest.raises(LaunchProblem, match="command not found"):
        recipe.spec(make_run(), 1, b"t" * 16, log_of(places))
    program.touch(0o755)
    assert recipe.spec(make_run(), 1, b"t" * 16, log_of(places)).env["TOKEN"] == "first"
    secret.write_text("second\n")
    assert recipe.spec(make_run(), 1, b"t" * 16, log_of(places)).env["TOKEN"] == "second"


def test_the_keeper_is_told_what_to_mask_and_where(places: AttemptPlaces) -> None:
    (places.config_path.parent / ".env").write_text("MODE=fast\nKEY=0123456789abcdef\n")
    spec = spec_for(places, env={"TOKEN": "a/token"}, env_file=".env", secrets=frozenset({"TOKEN"}))
    assert spec.secrets == (b"0123456789abcdef", b"a%2Ftoken", b"a\\/token", b"a/token")
    named = f"{places.state_dir}/results/{spec.run_id}-2"
    assert spec.left == (f"{named}.json", f"{named}.progress")
    without = spec_for(places, env={"LEVEL": "debugging"})
    assert (without.left, without.secrets) == ((), ())


def test_a_text_goes_to_the_shell_and_a_list_as_it_is(places: AttemptPlaces) -> None:
    assert spec_for(places, "echo $HOME").argv == ("/bin/sh", "-c", "echo $HOME")
    assert spec_for(places, ("sh", "-c", "x y")).argv[0].endswith("/bin/sh")
    bash = spec_for(places, "x", shell=("/bin/bash", "-euo", "pipefail", "-c"))
    assert bash.argv == ("/bin/bash", "-euo", "pipefail", "-c", "x")


def test_the_executable_is_absolute(places: AttemptPlaces, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert spec_for(places, ("./tool",), cwd=str(tmp_path)).argv == (str(tool),)
    assert spec_for(places, ("tool",), env={"PATH": str(tmp_path)}).argv == (str(tool),)


@pytest.mark.parametrize(
    ("command", "execution", "code", "words"),
    [
        (("no-such-command",), {}, 127, "no-such-command: command not found in PATH"),
        ("", {"shell": ()}, 127, "the command is empty"),
        (("true", "a\0b"), {}, 126, "NUL byte"),
        (("true",), {"user": "no-such-user"}, 126, "there is no user 'no-such-user'"),
        (("true",), {"group": "no-such-group"}, 126, "there is no group 'no-such-group'"),
        (("true",), {"env_file": "missing.env"}, 126, "cannot read env_file"),
        (("true",), {"env": {"PW": FromFile("/no/such/secret")}}, 126, "PW is read from /no/such/secret: No such file"),
        (("true",), {"env": {"PW": FromEnv("NOT_SET_ANYWHERE")}}, 126, "variable NOT_SET_ANYWHERE, which is not set"),
    ],
)
def test_what_cannot_be_launched_is_said_in_words(
    places: AttemptPlaces, command: Any, execution: dict[str, Any], code: int, words: str
) -> None:
    with pytest.raises(LaunchProblem, match=words) as caught:
        spec_for(places, command, **execution)
    assert caught.value.exit_code == code


@pytest.mark.parametrize(("mode", "who"), [(0o660, "its group"), (0o602, "everybody")])
def test_an_env_file_that_others_can_write_is_refused(places: AttemptPlaces, mode: int, who: str) -> None:
    path = places.config_path.parent / ".env"
    path.write_text("LD_PRELOAD=/tmp/evil.so\n")
    path.chmod(mode)
    with pytest.raises(LaunchProblem, match=f"can be written by {who}") as caught:
        spec_for(places, env_file=".env")
    assert "chmod go-w" in caught.value.hint


@needs_root
def test_an_env_file_belongs_to_root_or_to_the_user_of_the_job(places: AttemptPlaces) -> None:
    path = places.config_path.parent / ".env"
    path.write_text("A=1\n")
    nobody = pwd.getpwnam("nobody")
    os.chown(path, nobody.pw_uid, -1)
    with pytest.raises(LaunchProblem, match=f"belongs to user id {nobody.pw_uid}") as caught:
        spec_for(places, env_file=".env")
    assert "chown" in caught.value.hint
    assert spec_for(places, env_file=".env", user="nobody").env["A"] == "1"


def test_secrets_are_read_when_the_attempt_starts(places: AttemptPlaces, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = places.config_path.parent / "secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o644)
    monkeypatch.setenv("DAEMON_TOKEN", "t0ken")
    env = spec_for(places, env={"A": FromFile(str(secret)), "B": FromEnv("DAEMON_TOKEN")}).env
    assert (env["A"], env["B"]) == ("s3cret", "t0ken")


@pytest.mark.parametrize(("mode", "who"), [(0o620, "its group"), (0o602, "everybody")])
def test_a_secret_that_others_can_write_is_refused(places: AttemptPlaces, mode: int, who: str) -> None:
    secret = places.config_path.parent / "secret"
    secret.write_text("s3cret\n")
    secret.chmod(mode)
    with pytest.raises(LaunchProblem, match=f"^A: {secret} can be written by {who}, who") as caught:
        spec_for(places, env={"A": FromFile(str(secret))})
    assert (caught.value.exit_code, caught.value.hint) == (126, f"`chmod go-w {secret}`")


@needs_root
def test_a_secret_belongs_to_root_or_to_the_user_of_the_job(places: AttemptPlaces) -> None:
    secret = places.config_path.parent / "secret"
    secret.write_text("s3cret\n")
    nobody = pwd.getpwnam("nobody")
    os.chown(secret, nobody.pw_uid, -1)
    with pytest.raises(LaunchProblem, match=f"A: {secret} belongs to user id {nobody.pw_uid}, who"):
        spec_for(places, env={"A": FromFile(str(secret))})
    assert spec_for(places, env={"A": FromFile(str(secret))}, user="nobody").env["A"] == "s3cret"


@pytest.fixture(params=["a named pipe", "a socket", "a device", "a directory", "larger than 1 MB"])
def no_plain_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    path, kind = tmp_path / "odd", request.param
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "a named pipe":
            os.mkfifo(path)
        elif kind == "a socket":
            listener.bind(str(path))
        elif kind == "a device":
            path = Path("/dev/zero")
        elif kind == "a directory":
            path.mkdir()
        else:
            path.write_bytes(b"A=" + b"x" * plain_file.LARGEST)
        yield path, f"it is {kind}" if kind.startswith("larger") else f"it is {kind}, not a plain file"


def test_nothing_but_a_plain_file_of_bounded_size_is_read(
    places: AttemptPlaces, no_plain_file: tuple[Path, str]
) -> None:
    path, words = no_plain_file
    for execution, sentence in (
        ({"env_file": str(path)}, f"cannot read env_file {path}: {words}"),
        ({"env": {"PW": FromFile(str(path))}}, f"PW is read from {path}: {words}"),
    ):
        with pytest.raises(LaunchProblem) as caught:
            spec_for(places, **execution)
        assert (caught.value.message, caught.value.exit_code) == (sentence, 126)
        assert caught.value.hint == "let it be written to a plain file of at most 1 MB"
        assert secret_values(Execution(**execution), places.config_path) == frozenset()


def test_a_file_without_a_size_is_read_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain_file.read_plain(Path("/proc/self/status")).status.st_size == 0
    monkeypatch.setattr(plain_file, "LARGEST", 10)
    with pytest.raises(plain_file.NotPlain, match="larger than 1 MB"):
        plain_file.read_plain(Path("/proc/self/status"))


def test_who_waits_for_a_reader_of_a_pipe_goes_on_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/sh", "-c", f"echo A=1 > {pipe}"]) as writer:
        with pytest.raises(plain_file.NotPlain):
            plain_file.read_plain(pipe)
        assert pipe.read_text() == "A=1\n"
        assert writer.wait() == 0


def test_limits_become_those_of_the_kernel(places: AttemptPlaces) -> None:
    spec = spec_for(places, limits=Limits(memory=1000, cpu=60, open_files=10, processes=5))
    assert set(spec.rlimits) == {
        (resource.RLIMIT_DATA, 1000, 1000),
        (resource.RLIMIT_CPU, 60, 65),
        (resource.RLIMIT_NOFILE, 10, 10),
        (resource.RLIMIT_NPROC, 5, 5),
    }


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=exported", "exported"),
        ("A = spaced out  # comment", "spaced out"),
        ("A=", ""),
        ("A='single $x # kept'", "single $x # kept"),
        (r'A="double \"quoted\"\nline" # comment', 'double "quoted"\nline'),
        ("A=a#b", "a#b"),
        ("A=x=y", "x=y"),
    ],
)
def test_an_env_file_is_read_like_a_shell_would(tmp_path: Path, line: str, value: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# comment\n\n{line}\n")
    assert environment.from_file(path, {os.geteuid()}) == {"A": value}


@pytest.mark.parametrize("line", ["no equals sign", "1A=x", 'A="open', "A='open"])
def test_a_wrong_line_of_an_env_file_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"GOOD=1\n{line}\n")
    with pytest.raises(LaunchProblem, match=r"\.env:2: expected NAME=value"):
        environment.from_file(path, {os.geteuid()})


def test_a_user_that_the_daemon_may_not_become_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    accounts.own_account.cache_clear()
    with pytest.raises(LaunchProblem, match="wants to run as nobody, but the daemon runs as"):
        accounts.resolve("nobody", None)
    accounts.own_account.cache_clear()


@pytest.mark.root
@needs_root
def test_another_user_gets_its_own_numbers_home_and_result_folder(places: AttemptPlaces, bench: Bench) -> None:
    nobody = pwd.getpwnam("nobody")
    spec = spec_for(places, 'printf "%s" "{}" > "$JOBCTL_RESULT"', user="nobody", cwd="/")
    try:
        assert spec.owner is not None
        assert (spec.owner.uid, spec.owner.gid) == (nobody.pw_uid, nobody.pw_gid)
        assert (spec.env["USER"], spec.env["HOME"], spec.env["PATH"]) == (
            "nobody",
            nobody.pw_dir,
            environment.USER_PATH,
        )
        assert bench.run(spec).exit_code == 0
        assert result.collect(places.state_dir, spec.run_id, 2) == b"{}"
    finally:
        result.remove(places.state_dir, spec.run_id, 2)
    assert not Path(spec.env["JOBCTL_RESULT"]).parent.exists()


@pytest.mark.root
@needs_root
def test_a_result_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    file = Path(result.prepare(tmp_path, "link0", 1, Owner(65534, 65534, ())))
    try:
        file.symlink_to("/etc/passwd")
        assert result.collect(tmp_path, "link0", 1) == b""
    finally:
        result.remove(tmp_path, "link0", 1)


def test_a_result_is_read_as_it_was_written_and_removed(tmp_path: Path) -> None:
    file = Path(result.prepare(tmp_path, "plain", 1, None))
    assert result.collect(tmp_path, "plain", 1) is None
    file.write_bytes(b'{"rows": 3}')
    assert result.collect(tmp_path, "plain", 1) == b'{"rows": 3}'
    result.remove(tmp_path, "plain", 1)
    assert not file.exists()


def test_a_spec_from_a_job_runs(places: AttemptPlaces, bench: Bench) -> None:
    end = bench.run(spec_for(places, "echo $JOBCTL_JOB $JOBCTL_ATTEMPT; exit 5", cwd="/"))
    assert end.exit_code == 5
    assert Path(log_of(places)).read_text() == "nightly 2\n"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_a_folder_of_the_path_that_is_closed_to_the_caller_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "sh").touch(mode=0o755)
    tmp_path.chmod(0o755)
    os.seteuid(65534)
    try:
        assert executable("sh", f"{tmp_path}/closed:/bin", "/") == "/bin/sh"
        with pytest.raises(LaunchProblem, match="sh: command not found in PATH"):
            executable("sh", f"{tmp_path}/closed", "/")
    finally:
        os.seteuid(0)
