"""`exec` where there is no jobs file at all: its runs can be looked at all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


class Bare:
    """Calls in a folder without a jobs file, for a user who has none either."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix: list[str] = []
        places = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        self._env = {**os.environ, **places, "JOBCTL_STATE_DIR": str(folder / "state")}
        self._env.pop("JOBCTL_CONFIG", None)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        call = [*self.prefix, sys.executable, "-m", "jobctl", *words]
        return subprocess.run(call, cwd=self.folder, env=self._env, capture_output=True, text=True, check=False)


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    if Path("/etc/jobctl/jobs.toml").exists():
        pytest.skip("this machine has a jobs file")
    return Bare(tmp_path)


@pytest.mark.parametrize("verb", ["history", "show", "logs", "why", "stats"])
def test_its_runs_are_found_by_the_name(bare: Bare, verb: str) -> None:
    assert bare("exec", "--name", "a", "--", "echo", "hi").returncode == 0
    said = bare(verb, "a")
    assert (said.returncode, "there is no such file" in said.stderr) == (0, False)
    assert bare(verb, "b").returncode == 4


def test_its_runs_are_found_by_their_ids(bare: Bare) -> None:
    bare("exec", "--name", "a", "--", "echo", "hi")
    run_id = json.loads(bare("history", "--json").stdout)[0]["id"]
    assert bare("show", run_id).returncode == 0
    assert bare("logs", run_id).stdout == "hi\n"
    assert bare("cancel", "--job", "a").stderr == "there is nothing to cancel\n"


def test_a_command_that_calls_jobctl_names_it_no_file(bare: Bare) -> None:
    script = 'echo "${JOBCTL_CONFIG-none} $JOBCTL_JOB"'
    assert bare("exec", "--name", "a", "--", "sh", "-c", script).stdout == "none a\n"


@pytest.mark.parametrize("verb", ["list", "status"])
def test_that_there_are_no_jobs_is_said_with_the_way_to_some(bare: Bare, verb: str) -> None:
    bare("exec", "--name", "a", "--", "true")
    said = bare(verb)
    assert said.returncode == 0
    assert "(`jobctl init` writes one)" in said.stderr
    assert "defines no job" not in said.stdout + said.stderr


def test_a_file_that_was_named_must_be_there(bare: Bare) -> None:
    bare("exec", "--name", "a", "--", "true")
    assert bare("-c", "mistyped.toml", "list").returncode == 3


def test_the_doctor_only_doubts(bare: Bare) -> None:
    bare("exec", "--name", "a", "--", "true")
    levels = {one["check"]: one["level"] for one in json.loads(bare("doctor", "--json").stdout)}
    assert levels["jobs file"] == "doubtful"


def test_the_doctor_knows_that_no_daemon_starts_without_the_file_that_was_loaded(bare: Bare, tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text("[jobs.a]\ncommand = 'true'\n")
    assert bare("run", "a").returncode == 0
    (tmp_path / "jobs.toml").unlink()
    said = bare("doctor", "--json")
    levels = {one["check"]: one["level"] for one in json.loads(said.stdout)}
    assert (levels["jobs file"], said.returncode) == ("bad", 1)


@pytest.mark.parametrize("options", [["--dry-run"], []], ids=["dry run", "in earnest"])
def test_its_runs_are_pruned_by_the_bounds_of_every_job(bare: Bare, options: list[str]) -> None:
    bare("exec", "--name", "a", "--", "true")
    said = bare("prune", *options)
    assert (said.returncode, said.stdout) == (0, "")
    assert "nothing has passed its bound" in said.stderr


@pytest.fixture
def closed_out(bare: Bare) -> Bare:
    """Calls in a folder with a jobs file, by somebody who may not enter it: as behind `sudo -u`."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        pytest.skip("takes root, and setpriv")
    bare.folder = bare.folder / "closed"
    bare.folder.mkdir(mode=0o700)
    (bare.folder / "jobs.toml").write_text("[jobs.b]\ncommand = 'true'\n")
    os.chown(bare.folder, 65534, 65534)
    bare.prefix = [setpriv, "--bounding-set=-dac_override,-dac_read_search"]
    return bare


@pytest.mark.root
def test_a_jobs_file_in_a_folder_that_the_caller_may_not_enter_keeps_no_verb_from_its_work(closed_out: Bare) -> None:
    assert closed_out("history").returncode == closed_out("doctor").returncode == 0
    listed = closed_out("list")
    assert (listed.returncode, listed.stdout) == (3, "")
    assert "Permission denied" not in listed.stderr
    assert "looked at" in listed.stderr


@pytest.mark.root
def test_in_such_a_folder_a_command_runs_without_a_record(closed_out: Bare) -> None:
    done = closed_out("exec", "--name", "a", "--", "echo", "hi")
    assert (done.returncode, done.stdout) == (0, "hi\n")
    assert done.stderr == "jobctl: a runs without a record: its folder is closed to the user that it is called as\n"
    assert json.loads(closed_out("history", "--json").stdout) == []
