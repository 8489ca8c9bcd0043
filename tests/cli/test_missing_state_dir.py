"""A state directory that is named and not there: looking makes none, whatever it was misspelt for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobctl.cli.main import call
from tests.operations.site import Site

NOTE = "there is no state directory {} yet: nothing was ever loaded or run there"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["status"], 0), (["list"], 0), (["list", "--json"], 0), (["history"], 0), (["next"], 0), (["dead"], 0),
        (["explain", "hello"], 0), (["show", "hello"], 0), (["logs", "hello"], 4), (["wait", "0123456789ab"], 4),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by_option", [True, False])
def test_looking_makes_none_and_says_so(
    site: Site,
    words: list[str],
    status: int,
    by_option: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = site.folder / "stte" / "deep"
    if not by_option:
        monkeypatch.setenv("JOBCTL_STATE_DIR", str(missing))
    option = ["--state-dir", str(missing)] if by_option else []
    assert call([*words, "-c", str(site.jobs_file), *option]) == status
    assert NOTE.format(missing) in capsys.readouterr().err.splitlines()
    assert not missing.parent.exists()


def test_the_jobs_are_told_all_the_same(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["list", "--json", "-q", "-c", str(site.jobs_file), "--state-dir", str(site.folder / "none")]) == 0
    out, err = capsys.readouterr()
    assert "hello" in {job["name"] for job in json.loads(out)}
    assert err == ""


def test_what_writes_makes_it(site: Site, tmp_path: Path) -> None:
    assert call(["disable", "hello", "-c", str(site.jobs_file), "--state-dir", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_hint_names_the_directory_that_was_named(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none"
    assert call(["list", "-c", str(tmp_path / "nofile"), "--state-dir", str(missing)]) == 3
    assert f"for jobs loaded before in {missing} (" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "[jobs.a]\ncomand = 1\n"])
@pytest.mark.parametrize("by_option", [True, False])
def test_a_file_that_is_named_and_of_no_use_shows_no_jobs_of_another(
    site: Site,
    text: str | None,
    by_option: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state_dir = str(site.ctx.places.state_dir)
    monkeypatch.delenv("JOBCTL_STATE_DIR", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", state_dir)  # where jobctl looks when nobody names one
    assert call(["list", "-c", str(site.jobs_file)]) == 0
    other = site.folder / "other.toml"
    if text is not None:
        other.write_text(text)
        other.chmod(0o600)
    if not by_option:
        monkeypatch.setenv("JOBCTL_CONFIG", str(other))
    words = ["list", "-c", str(other)] if by_option else ["list"]
    capsys.readouterr()
    assert call(words) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "other.toml" in err
    assert call([*words, "--state-dir", state_dir]) == 0
    out, err = capsys.readouterr()
    assert "hello" in out
    assert f"the jobs as last loaded in {state_dir}, for the jobs file cannot be used" in err
