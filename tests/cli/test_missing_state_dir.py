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
        (["show", "hello"], 0), (["logs", "hello"], 4), (["wait", "0123456789ab"], 4),
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
