"""Where the jobs file and the state directory are looked for, and who may use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobctl.config.places import Places, find_jobs_file, find_places, make_state_dir, options_for
from jobctl.domain import run_id
from jobctl.errors import JobsFileError, Refused, StoreUnusable
from jobctl.presence import may_be_there
from tests.config.conftest import NOW, Write


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("JOBCTL_CONFIG", "JOBCTL_STATE_DIR", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_the_option_comes_first(write: Write, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    write("")
    monkeypatch.setenv("JOBCTL_CONFIG", "/elsewhere.toml")
    assert find_jobs_file(Path("other/../mine.toml")) == here / "mine.toml"


def test_the_home_of_nobody_is_a_name_as_any_other(here: Path) -> None:
    assert find_jobs_file(Path("~nobody-here/jobs.toml")) == here / "~nobody-here/jobs.toml"


def test_then_the_environment(write: Write, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    write("")
    monkeypatch.setenv("JOBCTL_CONFIG", "sub/named.toml")
    assert find_jobs_file(None) == here / "sub/named.toml"


def test_then_the_working_directory(write: Write) -> None:
    path = write("")
    assert find_jobs_file(None) == path


def test_then_the_folder_of_the_user_or_of_the_system(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    as_user(monkeypatch)
    assert find_jobs_file(None) == here / "config/jobctl/jobs.toml"
    as_root(monkeypatch)
    assert find_jobs_file(None) == Path("/etc/jobctl/jobs.toml")


def test_a_call_from_elsewhere_names_only_what_it_would_not_find(
    write: Write, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    path = write("")
    as_user(monkeypatch)
    custom = here / "config/jobctl/jobs.toml"
    assert options_for(Places(custom, here / "state/jobctl")) == []
    assert options_for(Places(custom, here / "data")) == ["--state-dir", str(here / "data")]
    assert options_for(Places(path, here / "state/jobctl")) == ["-c", str(path)], "also one of the working directory"
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(here / "data"))
    monkeypatch.setenv("STATE_DIRECTORY", str(here / "data"))
    both = ["-c", str(path), "--state-dir", str(here / "data")]
    assert options_for(Places(path, here / "data")) == both, "a shell does not have what the daemon was given"
    write('[daemon]\nstate_dir = "data"\n')
    assert options_for(Places(path, here / "data")) == ["-c", str(path)]
    path.chmod(0o666)
    assert options_for(Places(path, here / "data")) == both


def test_the_state_directory_has_an_order_of_its_own(write: Write, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    path = write('[daemon]\nstate_dir = "data"\n')
    monkeypatch.setenv("STATE_DIRECTORY", "/given/by/systemd:/second")
    monkeypatch.setenv("JOBCTL_STATE_DIR", "named")
    assert find_places(None, Path("option")) == Places(path, here / "option", is_named=False)
    assert find_places(None, None).state_dir == here / "named"
    monkeypatch.delenv("JOBCTL_STATE_DIR")
    assert find_places(None, None).state_dir == here / "data"
    write("[daemon]\n# state_dir\n")
    assert find_places(None, None).state_dir == Path("/given/by/systemd")
    monkeypatch.delenv("STATE_DIRECTORY")
    as_root(monkeypatch)
    assert find_places(None, None).state_dir == Path("/var/lib/jobctl")
    path.unlink()
    as_user(monkeypatch)
    assert find_places(None, None).state_dir == here / "state/jobctl"


@pytest.mark.parametrize(
    "text",
    [
        '[daemon]\nmax_concurrent = 2\n  state_dir = "x/data" # here\n[jobs.a]\n',
        "[ daemon ] # mine\nstate_dir = 'x/data'\n",
        'daemon.state_dir = "x/data"\n',
        'daemon = { state_dir = "x/data" }\n',
        '[jobs.a]\ncommand = """\n[daemon]\nstate_dir = "no"\n"""\n[daemon]\nstate_dir = "x/data"\n',
        '[daemon]\nstate_dir = "x/\\u0064ata"\n',
        '[jobs.a]\nstate_dir = "no"\n[daemon]\nstate_dir = "x/data"\n[queues.b]\nstate_dir = "no"\n',
        '[daemon]\nstate_dir = "x/data"\n[jobs.a\nbroken',
    ],
    ids=["usual", "spaced", "dotted", "inline", "in a string", "escaped", "elsewhere too", "broken below"],
)
def test_the_state_directory_of_the_file_is_found_however_it_is_written(write: Write, here: Path, text: str) -> None:
    write(text, "d/jobs.toml")
    assert find_places(Path("d/jobs.toml"), None).state_dir == here / "d/x/data"


def test_a_file_that_others_can_write_does_not_say_where_the_state_is(write: Write) -> None:
    write('[daemon]\nstate_dir = "x"\n', mode=0o666)
    with pytest.raises(JobsFileError, match="can be written by everybody"):
        find_places(None, None)


def test_what_lies_in_the_state_directory(here: Path) -> None:
    places = Places(here / "jobs.toml", here / "s")
    run = run_id.make(NOW, 7)
    inside = [
        places.database, places.keepers_dir, places.logs_dir, places.write_lock, places.daemon_lock, places.doorbell,
    ]  # fmt: skip
    assert len(set(inside)) == 6
    assert all(path.parent == here / "s" for path in inside)
    assert places.log_file(run, 2) == here / "s/logs/2026-11-22" / f"{run_id.to_text(run)}-2.log"


def test_the_state_directory_is_private(here: Path) -> None:
    places = Places(here / "jobs.toml", here / "deep/state")
    make_state_dir(places)
    make_state_dir(places)
    for folder in (places.state_dir, places.keepers_dir, places.logs_dir):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_state_directory_open_to_others_is_refused(here: Path) -> None:
    (here / "s").mkdir()
    (here / "s").chmod(0o755)
    with pytest.raises(Refused) as caught:
        make_state_dir(Places(here / "jobs.toml", here / "s"))
    assert caught.value.message == f"the state directory {here}/s is open to other users (mode 0755)"
    assert caught.value.hint == f"close it with `chmod 700 {here}/s` (in a systemd unit: StateDirectoryMode=0700)"


def test_a_state_directory_of_somebody_else_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(here / "jobs.toml", here / "s")
    make_state_dir(places)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(Refused) as caught:
        make_state_dir(places)
    assert caught.value.message == (
        f"the state directory {here}/s belongs to user id {owner}, not to you (user id {owner + 1})"
    )
    assert caught.value.hint == "call jobctl as its owner, or name another one with --state-dir"


def test_a_state_directory_that_cannot_be_made(write: Write, here: Path) -> None:
    write("", "file")
    with pytest.raises(StoreUnusable) as caught:
        make_state_dir(Places(here / "jobs.toml", here / "file/s"))
    assert caught.value.message == f"cannot create the state directory {here}/file/s: Not a directory"


def test_finding_places_loads_no_parser(write: Write) -> None:
    write('[daemon]\nstate_dir = "x"\n')
    script = (
        "import sys; from jobctl.config.places import find_places; find_places(None, None);"
        "print(sorted({'rtoml', 'msgspec', 'platformdirs', 'croniter', 'zoneinfo'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_beside_a_database_of_the_callers_own_an_unsafe_file_may_still_be_looked_past(write: Write, here: Path) -> None:
    write('[daemon]\nstate_dir = "x"\n', mode=0o666)
    (here / "x").mkdir(mode=0o700)
    (here / "x/jobctl.db").touch()
    assert find_places(None, None).state_dir == here / "x"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_what_the_caller_may_not_look_at_is_not_said_to_be_missing(here: Path) -> None:
    here.chmod(0o700)
    os.seteuid(65534)
    try:
        assert may_be_there(here / "s" / "jobctl.db")
    finally:
        os.seteuid(0)
    assert not may_be_there(here / "s" / "jobctl.db")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_a_jobs_file_that_the_caller_may_not_look_at_is_not_passed_over(write: Write, here: Path) -> None:
    write('[daemon]\nstate_dir = "x"\n')
    here.chmod(0o700)
    os.seteuid(65534)
    try:
        with pytest.raises(JobsFileError, match="you may not read it") as refused:
            find_places(here / "jobs.toml", None)
    finally:
        os.seteuid(0)
    assert "call jobctl as the owner of the file" in refused.value.hint


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_one_that_nobody_has_named_is_passed_over_in_a_folder_that_the_caller_may_not_enter(
    write: Write, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    write('[daemon]\nstate_dir = "x"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nobody/config")
    monkeypatch.setenv("XDG_STATE_HOME", "/nobody/state")
    here.chmod(0o700)
    os.seteuid(65534)
    try:
        found = find_places(None, None)
    finally:
        os.seteuid(0)
    assert found.jobs_file == Path("/nobody/config/jobctl/jobs.toml")
    assert found.state_dir == Path("/nobody/state/jobctl")
