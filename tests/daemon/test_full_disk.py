"""Which attempts ran while the disk was full, as far as looks from time to time tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.daemon.full_disk import FullDisk
from jobctl.domain.outcome import AttemptEnd
from tests.daemon.set_clock import HOUR, MONDAY, SECOND


class Disk:
    """Full or not, as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.watched = FullDisk(Path("/"))
        self._full = False
        monkeypatch.setattr("jobctl.daemon.full_disk.is_full", lambda _: self._full)

    def look(self, at: int, *, full: bool) -> None:
        self._full = full
        self.watched.look(MONDAY + at)

    def met(self, started_at: int | None, finished_at: int) -> bool:
        begun = None if started_at is None else MONDAY + started_at
        return self.watched.was_met_by(AttemptEnd(b"", begun, MONDAY + finished_at, exit_code=0))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_an_attempt_met_a_full_disk_where_its_time_and_that_of_the_full_disk_touch(disk: Disk) -> None:
    disk.look(0, full=False)
    assert not disk.met(0, SECOND)
    disk.look(10 * SECOND, full=True)
    disk.look(20 * SECOND, full=True)
    disk.look(21 * SECOND, full=False)
    assert disk.met(0, 9 * SECOND), "it filled up since it was last looked at"
    assert disk.met(15 * SECOND, 16 * SECOND)
    assert disk.met(20 * SECOND, HOUR)
    assert disk.met(-HOUR, HOUR)
    assert not disk.met(-HOUR, -SECOND), "it had room still"
    assert not disk.met(21 * SECOND, HOUR), "it had room again"
    assert not disk.met(None, 15 * SECOND), "it never began"


def test_of_a_disk_that_was_always_full_nobody_knows_since_when(disk: Disk) -> None:
    disk.look(0, full=True)
    assert disk.met(-2 * HOUR, -HOUR)


def test_the_disk_fills_up_again(disk: Disk) -> None:
    disk.look(0, full=True)
    disk.look(HOUR, full=False)
    disk.look(2 * HOUR, full=True)
    assert disk.met(2 * HOUR, 3 * HOUR)
    assert not disk.met(0, HOUR - SECOND), "that was told with its end"
