"""A jobs file that is no TOML cannot say which state directory is meant: no verb takes the customary one instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.cli.main import call
from jobctl.cli.verbs import VERBS
from tests.cli.test_missing_jobs_file import MORE, OTHERS, WORDS, live_daemon
from tests.operations.site import Site

BROKEN = "[jobs.x\ncommand = "
WAY_OUT = "mend it, or name the state directory with --state-dir"


@pytest.fixture
def customary(site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The customary state directory, which is not there yet; the jobs file has named another one and is broken now."""
    for name in ("JOBCTL_STATE_DIR", "JOBCTL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(site.folder / "customary"))
    monkeypatch.chdir(site.folder)
    site.define(BROKEN)
    return site.folder / "customary"


@pytest.mark.parametrize(
    "words",
    [*([verb, *WORDS.get(verb, [])] for verb in VERBS if verb not in OTHERS | {"check", "edit"}), *MORE],
    ids=" ".join,
)
def test_every_verb_refuses_it(customary: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(words) == 3
    said = capsys.readouterr()
    assert "jobs.toml:1:8: not valid TOML" in said.err + said.out
    assert WAY_OUT in said.err or words in (["health"], ["daemon"])
    assert not customary.exists()


def test_health_is_unknown_then(customary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["health"]) == 3
    assert capsys.readouterr().out.startswith("JOBCTL UNKNOWN - jobs.toml:1:8: not valid TOML")
    assert not customary.exists()


@pytest.mark.parametrize("words", [["reload"], ["reload", "--plan"]], ids=" ".join)
@pytest.mark.parametrize("named", [True, False], ids=["named", "customary"])
def test_reload_says_what_stays_in_force(
    customary: Path, site: Site, words: list[str], capsys: pytest.CaptureFixture[str], *, named: bool
) -> None:
    assert not customary.exists()
    assert call([*words, *(["--state-dir", str(site.state_dir)] if named else [])]) == 3
    assert "nothing was reloaded: the jobs from before stay in force" in capsys.readouterr().err


def test_exec_runs_its_command_all_the_same(customary: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["exec", "--name", "new", "--", "echo", "done"]) == 0
    assert capfd.readouterr().out.endswith("done\n")
    assert customary.exists()


def test_edit_mends_it(customary: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not customary.exists()
    (site.folder / "mended").write_text('[jobs.x]\ncommand = "true"\n')
    monkeypatch.setenv("VISUAL", "cp mended")
    assert call(["edit"]) == 0
    assert site.jobs_file.read_text() == '[jobs.x]\ncommand = "true"\n'


def test_whoever_names_the_state_directory_works_there(customary: Path, site: Site) -> None:
    assert call(["pause", "--state-dir", str(site.state_dir)]) == 0
    assert not customary.exists()


def test_a_broken_file_whose_state_directory_can_be_read_works_there(customary: Path, site: Site) -> None:
    site.define(f'[daemon]\nstate_dir = "{site.state_dir}"\n{BROKEN}')
    assert call(["pause"]) == 0
    assert not customary.exists()


def test_a_file_with_wrong_keys_names_no_state_directory_for_certain(customary: Path, site: Site) -> None:
    site.define("[jobs.x]\ncomand = 1\n")
    assert call(["pause"]) == 0
    assert customary.exists()


def test_where_a_daemon_works_with_the_file_its_runs_can_be_seen_to(
    customary: Path, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(site.state_dir))
    live_daemon(site, site.jobs_file)
    assert call(["pause"]) == 0
    assert call(["status"]) == 0
    assert "broken: jobs.toml:1:8" in capsys.readouterr().out
    assert not customary.exists()
