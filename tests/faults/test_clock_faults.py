"""The clock jumps under a real daemon: jobs go on, no slot is lost, none is made up, and timeouts do not notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until
from tests.faults.wall_clock import WallClock, build_shim

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
MORNING = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
NEARLY_NOON = datetime(2026, 11, 24, 12, 0, 58, tzinfo=UTC)  # two seconds before the slots of 12:01
NOON_1 = "2026-11-24T12:01:00Z"
JOBS = """\
[daemon]
timezone = "UTC"
[jobs.wild]
command = "true"
schedule = "* * * * *"
[jobs.interval]
command = "true"
every = "1m"
[jobs.fixed]
command = "true"
schedule = "1 12 * * *"
[jobs.held]
command = "until [ -e gate ]; do sleep 0.05; done; exit 7"
cwd = "."
[jobs.limited]
command = "cat /proc/uptime > begun; trap 'cat /proc/uptime > stopped; exit 1' TERM; while :; do sleep 0.05; done"
cwd = "."
timeout = "3s"
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_shim(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def clock(installation: Installation, shim: Path) -> WallClock:
    """The clock of the installation, half an hour before the slots that are looked at."""
    made = WallClock(installation.folder, shim)
    installation.environment |= made.environment
    installation.write_jobs(JOBS)
    made.set(MORNING)
    return made


def runs(installation: Installation, job: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return [run for run in reversed(installation.history()) if run["job"] == job]


def slots(installation: Installation, job: str) -> list[str]:
    return [run["scheduled_for"] for run in runs(installation, job)]


def wait_for_slot(installation: Installation, job: str, slot: str, times: int = 1) -> None:
    until(lambda: slots(installation, job).count(slot) == times, f"{job} has {times} runs for {slot}")


def wait_for_word(daemon: Daemon, words: str) -> None:
    until(lambda: words in _log(daemon), f"the daemon says {words!r}")


def _log(daemon: Daemon) -> str:
    return daemon.log_tail(1_000_000)


def hold(installation: Installation) -> Callable[[], dict[str, Any]]:
    """A run that goes on until it is let go; its end."""
    (run,) = installation.trigger("held")
    until(lambda: installation.run(run)["attempts"][0]["pid"], "it runs")

    def let_go() -> dict[str, Any]:
        installation.open_gate("gate")
        until(lambda: installation.status_of(run) not in ("queued", "running"), "it has ended")
        return installation.run(run)

    return let_go


def test_the_shim_moves_the_clocks_that_it_should(clock: WallClock, installation: Installation) -> None:
    daemon = installation.daemon()
    assert "2026-11-24T11:3" in _log(daemon)
    (by_hand,) = installation.trigger("fixed")
    until(lambda: installation.status_of(by_hand) == "succeeded", "a tick has seen the clock before it is set")
    clock.set(NEARLY_NOON)
    wait_for_slot(installation, "fixed", NOON_1)
    wait_for_word(daemon, "2026-11-24T12:01")
    assert "clock was set by=" in _log(daemon)


def test_a_clock_a_year_ahead_and_set_right_again_blocks_nothing(clock: WallClock, installation: Installation) -> None:
    daemon = installation.daemon()
    let_go = hold(installation)
    clock.set(NEARLY_NOON)
    wait_for_slot(installation, "fixed", NOON_1)
    clock.step(YEAR)
    wait_for_slot(installation, "fixed", "2027-11-24T12:01:00Z")
    assert "stands for 365 slots" in runs(installation, "fixed")[-1]["reason"]
    clock.step(-YEAR)
    wait_for_word(daemon, "a correction")
    clock.set(NEARLY_NOON + DAY)
    wait_for_slot(installation, "fixed", "2026-11-25T12:01:00Z")
    wait_for_slot(installation, "interval", "2026-11-25T12:01:00Z")
    end = let_go()
    assert (end["status"], end["exit_code"], end["attempt"]) == ("failed", 7, 1)


def test_a_clock_set_back_two_hours_repeats_intervals_and_no_fixed_time(
    clock: WallClock, installation: Installation
) -> None:
    daemon = installation.daemon()
    clock.set(NEARLY_NOON)
    for job in ("fixed", "wild", "interval"):
        wait_for_slot(installation, job, NOON_1)
    clock.set(NEARLY_NOON - 2 * HOUR)
    wait_for_word(daemon, "fixed times do not repeat")
    for job in ("wild", "interval"):
        wait_for_slot(installation, job, "2026-11-24T10:01:00Z")
    clock.set(NEARLY_NOON)
    for job in ("wild", "interval"):
        wait_for_slot(installation, job, NOON_1, times=2)
    assert slots(installation, "fixed") == [NOON_1]


def test_a_clock_set_forward_makes_one_run_that_says_how_many_it_stands_for(
    clock: WallClock, installation: Installation
) -> None:
    daemon = installation.daemon()
    clock.set(NEARLY_NOON)
    wait_for_slot(installation, "wild", NOON_1)
    clock.step(3 * HOUR)
    wait_for_slot(installation, "wild", "2026-11-24T15:01:00Z")
    wait_for_word(daemon, "slots that were jumped over count as passed")
    caught_up = runs(installation, "wild")[-1]
    assert caught_up["origin"] == "catch_up"
    assert "stands for 180 slots since 2026-11-24T12:02:00Z" in caught_up["reason"]
    assert slots(installation, "fixed") == [NOON_1]


def test_a_suspend_is_no_step_of_the_clock_and_its_slots_are_caught_up(
    clock: WallClock, installation: Installation
) -> None:
    daemon = installation.daemon()
    let_go = hold(installation)
    clock.suspend(8 * HOUR)
    until(lambda: slots(installation, "fixed"), "the slot that was slept through is caught up")
    (caught_up,) = runs(installation, "fixed")
    assert (caught_up["origin"], caught_up["scheduled_for"]) == ("catch_up", NOON_1)
    assert "suspended for 8h" in caught_up["reason"]
    assert "clock was set" not in _log(daemon)
    assert let_go()["exit_code"] == 7


@pytest.mark.parametrize(
    ("by", "slot", "words"),
    [
        (-DAY, "2026-11-23T12:01:00Z", "clock was set while the daemon was not running"),
        (3 * HOUR, "2026-11-24T15:01:00Z", "still_running=1"),
    ],
)
def test_a_clock_set_between_two_daemons_is_seen_by_the_second(
    by: timedelta, slot: str, words: str, clock: WallClock, installation: Installation
) -> None:
    daemon = installation.daemon()
    let_go = hold(installation)
    clock.set(NEARLY_NOON)
    wait_for_slot(installation, "wild", NOON_1)
    daemon.stop()
    clock.set(MORNING + by)
    daemon = installation.daemon()
    wait_for_word(daemon, words)
    clock.set(NEARLY_NOON + by)
    wait_for_slot(installation, "wild", slot)
    end = let_go()
    assert (end["exit_code"], end["attempt"]) == (7, 1)


@pytest.mark.parametrize("by", [YEAR, -YEAR, -2 * HOUR])
def test_a_timeout_is_as_long_as_it_was(by: timedelta, clock: WallClock, installation: Installation) -> None:
    installation.daemon()
    (run,) = installation.trigger("limited")
    begun, stopped = installation.folder / "begun", installation.folder / "stopped"
    until(lambda: begun.exists() and begun.read_text(), "it runs")
    clock.step(by)
    until(lambda: installation.status_of(run) == "timed_out", "its timeout has come")
    assert 2.5 < installation.run(run)["duration"] < 60
    assert float(stopped.read_text().split()[0]) - float(begun.read_text().split()[0]) > 2.5
