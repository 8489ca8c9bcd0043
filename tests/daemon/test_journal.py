"""The daemon's own log."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from jobctl.daemon.journal import Journal
from jobctl.errors import DiskFull


def test_an_event_is_one_line_of_words_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    Journal("text").info("run ended", job="backup", status="failed", reason="no space left", signal=None)
    line = capsys.readouterr().err
    assert line.endswith('Z INFO run ended job=backup status=failed reason="no space left"\n')
    assert line.count("\n") == 1


def test_an_event_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    Journal("json").warning("run ended", job="backup", exit_code=3)
    said = json.loads(capsys.readouterr().err)
    assert said.pop("at").endswith("Z")
    assert said == {"level": "warning", "event": "run ended", "job": "backup", "exit_code": 3}


def test_a_value_with_a_line_break_stays_on_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    Journal("text").error("jobs file refused", problems="one\ntwo")
    assert capsys.readouterr().err.endswith('problems="one\\ntwo"\n')


def test_starts_are_told_only_to_the_curious(capsys: pytest.CaptureFixture[str]) -> None:
    Journal("text").debug("run started", job="backup")
    assert capsys.readouterr().err == ""
    Journal("text", verbose=True).debug("run started", job="backup")
    assert "run started" in capsys.readouterr().err


def test_a_quiet_daemon_still_tells_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal("text", quiet=True)
    journal.info("daemon started")
    journal.warning("slots missed", job="backup")
    assert "daemon started" not in (said := capsys.readouterr().err)
    assert "slots missed" in said


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_stays_on_the_line_of_its_event(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        Journal(log_format).exception("tick failed, trying again", job="backup")
    (line,) = capsys.readouterr().err.splitlines()
    assert "tick failed, trying again" in line
    assert r"ValueError: two\nlines" in line
    assert "backup" in line


@pytest.mark.parametrize("redirected", [False, True])
def test_levels_are_for_the_journal_and_instants_for_everybody_else(
    redirected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "stderr").open("w+") as stderr:
        status = os.fstat(stderr.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino + redirected}")
        monkeypatch.setattr(sys, "stderr", stderr)
        Journal("text").warning("run ended")
        stderr.seek(0)
        assert stderr.read().startswith("<4>WARNING run ended") is not redirected


def test_a_closed_stderr_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    broken = os.fdopen(writer, "w", buffering=1)
    monkeypatch.setattr(sys, "stderr", broken)
    Journal("text").info("nobody reads the pipe")
    with suppress(BrokenPipeError):
        broken.close()
    Journal("text").info("the file is closed")


def test_what_was_undone_is_not_told_and_what_went_wrong_is(capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal("text")
    with suppress(DiskFull), journal.once_stored():
        journal.warning("run skipped")
        journal.noticed("disk has room again")
        journal.error("cannot start anything")
        raise DiskFull("no space left")
    assert "run skipped" not in (said := capsys.readouterr().err)
    assert said.splitlines()[0].endswith("disk has room again")
    assert said.splitlines()[1].endswith("cannot start anything")

    with journal.once_stored():
        journal.warning("run skipped")
        journal.info("run ended")
        assert capsys.readouterr().err == ""
    assert [line.rpartition("run ")[2] for line in capsys.readouterr().err.splitlines()] == ["skipped", "ended"]
