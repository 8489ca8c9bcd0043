"""Logs that are not needed any more go, with the folders that they leave empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.process.old_logs import remove_logs


@pytest.fixture
def day(tmp_path: Path) -> Path:
    day = tmp_path / "2026-11-22"
    day.mkdir()
    return day


def test_the_last_log_of_a_day_takes_its_folder_along(day: Path) -> None:
    logs = [day / "a-1.log", day / "b-1.log"]
    for log in logs:
        log.write_bytes(b"text")
    assert remove_logs(logs[:1]) == []
    assert list(day.iterdir()) == logs[1:]
    assert remove_logs(logs[1:]) == []
    assert not day.exists()


def test_logs_that_are_gone_already_are_no_problem(day: Path) -> None:
    assert remove_logs([day / "a-1.log", day.parent / "2026-11-21" / "b-1.log"]) == []
    assert not day.exists()


def test_a_log_that_cannot_be_deleted_is_named_and_the_others_go(day: Path) -> None:
    stubborn, other = day / "a-1.log", day / "b-1.log"
    stubborn.mkdir()
    other.write_bytes(b"text")
    [problem] = remove_logs([stubborn, other])
    assert problem.filename == str(stubborn)
    assert not other.exists()
