"""A jobs file that is named and not there: no verb shows or does anything with the jobs of another installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.cli.main import call
from jobctl.cli.verbs import VERBS
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
