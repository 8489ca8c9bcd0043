"""A jobs file that is named and not there: no verb shows or does anything with the jobs of another installation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobctl.cli.main import call
from jobctl.cli.verbs import VERBS
from jobctl.store.records import ServiceInfo
from tests.operations.site import Site

WORDS = {
    "enqueue": ["hello"], "run": ["hello"], "wait": ["0123456789ab"], "cancel": ["--job", "hello"],
    "retry": ["--dead"], "dismiss": ["--dead"], "delete": ["--dead"], "show": ["hello"], "logs": ["hello"],
    "why": ["hello"], "top": ["--once"], "enable": ["hello"], "disable": ["hello"], "prune": ["--dry-run"],
    "backup": ["copy.db"], "add": ["new", "--command", "true"], "remove": ["hello"], "edit": [], "env": ["hello"],
    "shell": ["hello"],
}  # fmt: skip
# What needs no jobs file, has a use for one that is not there, or is told in a job where its run is kept.
OTHERS = {"exec", "progress", "explain", "init", "import", "schema", "completion", "doctor", "service"}
MORE = [["alerts", "ack", "1"], ["alerts", "history"], ["reload", "--plan"], ["doctor", "--pressure"], ["retry", "0ab"]]


@pytest.fixture
def elsewhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with jobs where jobctl looks when nobody names a state directory. Gives a file that is not
    there."""
    for name in ("JOBCTL_STATE_DIR", "JOBCTL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(site.state_dir))
    monkeypatch.chdir(site.folder)
    assert call(["list", "-q", "-c", str(site.jobs_file)]) == 0
    return site.folder / "missing.toml"


@pytest.mark.parametrize(
    "words", [*([verb, *WORDS.get(verb, [])] for verb in VERBS if verb not in OTHERS), *MORE], ids=" ".join
)
def test_every_verb_refuses_it(
    elsewhere: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(elsewhere.parent.iterdir())
    capsys.readouterr()
    assert call([*words, "-c", str(elsewhere)]) == 3
    by_option = capsys.readouterr()
    monkeypatch.setenv("JOBCTL_CONFIG", str(elsewhere))
    assert call(words) == 3
    assert capsys.readouterr() == by_option
    assert "missing.toml" in by_option.err + by_option.out
    assert set(elsewhere.parent.iterdir()) == before


def test_exec_runs_its_command_and_says_where_the_run_is_kept(
    elsewhere: Path, site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["exec", "--name", "new", "-c", str(elsewhere), "--", "echo", "done"]) == 0
    out, err = capfd.readouterr()
    assert out.endswith("done\n")
    assert f"jobctl: there is no jobs file {elsewhere}: the run is kept in {site.state_dir}\n" in err


def test_the_doctor_finds_it(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert call(["doctor", "-c", str(elsewhere)]) == 1
    assert "bad       jobs file        missing.toml: there is no such file" in capsys.readouterr().out


def test_whoever_names_the_state_directory_too_sees_what_is_there(
    elsewhere: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert call(["metrics", "-c", str(elsewhere), "--state-dir", str(site.state_dir)]) == 0
    assert 'job="hello"' in capsys.readouterr().out


def test_metrics_of_a_broken_file_are_never_those_of_another(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.write_text("[jobs.a]\ncomand = 1\n")
    elsewhere.chmod(0o600)
    capsys.readouterr()
    assert call(["metrics", "-c", str(elsewhere)]) == 3
    assert capsys.readouterr().out == ""


# Its own store, and that of another file's daemon


def live_daemon(site: Site, jobs_file: Path) -> None:
    """What a daemon that has loaded the file leaves for others to see."""
    site.pretend_daemon()
    now = site.ctx.clock.now()
    site.ctx.store.service.started(ServiceInfo(os.getpid(), "0", now, str(jobs_file), now, "boot", 0))
    site.ctx.store.service.beat(now)


@pytest.mark.parametrize("words", [["list"], ["status"], ["show", "hello"], ["why", "hello"]], ids=" ".join)
@pytest.mark.parametrize("alive", [True, False], ids=["daemon", "no daemon"])
def test_what_was_loaded_from_it_is_shown_with_a_note(
    elsewhere: Path, site: Site, words: list[str], capsys: pytest.CaptureFixture[str], *, alive: bool
) -> None:
    if alive:
        live_daemon(site, site.jobs_file)
    site.jobs_file.rename(elsewhere.with_name("moved.toml"))
    capsys.readouterr()
    assert call([*words, "-c", str(site.jobs_file)]) == 0
    said = capsys.readouterr()
    assert "hello" in said.out
    assert "jobs.toml: there is no such file" in said.out + said.err


def test_the_runs_of_a_daemon_can_be_seen_to_without_its_file(
    elsewhere: Path, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    live_daemon(site, site.jobs_file)
    site.jobs_file.rename(elsewhere.with_name("moved.toml"))
    monkeypatch.setenv("JOBCTL_CONFIG", str(site.jobs_file))
    assert call(["enqueue", "hello"]) == 0
    assert call(["pause"]) == 0
    capsys.readouterr()
    assert call(["cancel", "--job", "hello"]) == 0
    assert call(["logs", "hello"]) == 4


@pytest.mark.parametrize(
    "words", [["list"], ["status"], ["show", "hello"], ["why", "hello"], ["next"], ["enable", "hello"]], ids=" ".join
)
def test_a_broken_file_is_not_made_up_for_by_the_daemon_of_another(
    elsewhere: Path, site: Site, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    live_daemon(site, site.jobs_file)
    elsewhere.write_text("[jobs.a]\ncomand = 1\n")
    elsewhere.chmod(0o600)
    capsys.readouterr()
    assert call([*words, "-c", str(elsewhere)]) == 3
    said = capsys.readouterr()
    assert (said.out, "missing.toml:2:1" in said.err) == ("", True)


def test_of_another_daemon_it_is_said_whose_jobs_are_shown(
    elsewhere: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    live_daemon(site, site.jobs_file)
    elsewhere.write_text("[jobs.a]\ncommand = 'true'\n")
    elsewhere.chmod(0o600)
    capsys.readouterr()
    assert call(["list", "-c", str(elsewhere)]) == 0
    assert "these are the jobs of jobs.toml, which the daemon of state has loaded\n" in capsys.readouterr().err


# Nothing at all: neither a jobs file nor a state directory, and nobody named either


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory where jobctl would keep what it makes; it is not there."""
    for name in ("JOBCTL_STATE_DIR", "JOBCTL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("jobctl.config.places._customary_jobs_file", lambda: tmp_path / "config" / "jobs.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["list"], 3), (["status"], 3), (["next"], 3), (["show", "a"], 3), (["why", "a"], 3), (["logs", "a"], 3),
        (["history"], 0), (["history", "--json"], 0), (["alerts"], 0), (["stats"], 0), (["metrics"], 0),
        (["health"], 2), (["wait", "0123456789ab"], 4),
        (["run", "a"], 3), (["enqueue", "a"], 3), (["cancel", "0abc"], 3), (["pause"], 3), (["disable", "a"], 3),
        (["retry", "--dead"], 3), (["dismiss", "--dead"], 3), (["prune"], 3), (["env", "a"], 3),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else None,
)  # fmt: skip
def test_nothing_is_made_where_there_is_nothing(
    nowhere: Path, words: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(words) == status
    err = capsys.readouterr().err
    assert list(nowhere.parent.iterdir()) == []
    if status == 3:
        assert "jobs.toml: there is no such file\n  write one with `jobctl init`" in err
        assert f"and for jobs loaded before in {nowhere} (" in err


def test_a_state_directory_that_is_named_is_not_made_without_a_jobs_file(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["run", "a", "-c", "nope.toml", "--state-dir", "new"]) == 3
    assert "nope.toml: there is no such file\n" in capsys.readouterr().err
    assert list(nowhere.parent.iterdir()) == []


def test_exec_needs_neither(nowhere: Path) -> None:
    assert call(["exec", "--name", "new", "-q", "--", "true"]) == 0
    assert (nowhere / "jobctl.db").exists()
