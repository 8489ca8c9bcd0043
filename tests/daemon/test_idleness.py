"""Runs that wait for an idle machine, under a load that is set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.idleness import Idleness
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.admission import HostLoad
from jobctl.domain.run import NewRun, Origin, Status
from tests.daemon.assembly import warm_up
from tests.daemon.set_clock import MINUTE, MONDAY, SECOND

JOBS = """
[jobs.patient]
command = "true"
overlap = "allow"
max_concurrent = 9
wait_for_idle = { load_below = 2.0, memory_free = "1GB", latest = "1h" }
[jobs.other]
command = "true"
"""
CALM, BUSY, FULL = HostLoad(0.3, 9_000_000_000), HostLoad(7.5, 9_000_000_000), HostLoad(0.3, 9_000_000)


class Site:
    """A dispatcher on a machine whose load is set."""

    def __init__(self, around: Surroundings) -> None:
        warm_up(around, 5)
        self.store = around.store
        self.host = BUSY
        self.looks = 0
        disk = DiskReserve(around.places.state_dir, around.journal, 0)
        self.dispatcher = Dispatcher(around, Launcher(around), disk, Idleness(self._look))

    def _look(self) -> HostLoad:
        self.looks += 1
        return self.host

    def queue(
        self, job: str = "patient", origin: Origin = Origin.SCHEDULE, due_at: int = MONDAY, priority: int = 5
    ) -> int:
        new = NewRun(job, origin, Status.QUEUED, created_at=due_at, due_at=due_at, priority=priority)
        return self.store.runs.add(new).id

    def tick(self, now: int) -> set[int]:
        """Whatever runs after it."""
        self.dispatcher.tick(now)
        return {attempt.run_id for attempt in self.store.attempts.unfinished()}


@pytest.fixture
def site(around: Callable[[str], Surroundings]) -> Site:
    return Site(around(JOBS))


@pytest.mark.parametrize("host", [BUSY, FULL])
def test_a_run_is_held_until_the_machine_is_calm(site: Site, host: HostLoad) -> None:
    held, site.host = site.queue(), host
    assert site.tick(MONDAY) == set()
    assert site.dispatcher.next_at() == MONDAY + 5 * SECOND
    site.host = CALM
    assert site.tick(MONDAY + 2 * SECOND) == set(), "the machine is looked at every 5 s and not at each tick"
    assert site.looks == 1
    assert site.tick(MONDAY + 5 * SECOND) == {held}
    assert site.dispatcher.next_at() is None


def test_a_run_starts_at_its_latest_however_busy_the_machine_is(site: Site) -> None:
    held = site.queue(due_at=MONDAY - 60 * MINUTE + 2 * SECOND)
    assert site.tick(MONDAY) == set()
    assert site.dispatcher.next_at() == MONDAY + 2 * SECOND
    assert site.tick(MONDAY + 2 * SECOND) == {held}


def test_other_runs_of_the_queue_pass_by(site: Site) -> None:
    site.queue(priority=9)
    other = site.queue("other")
    assert site.tick(MONDAY) == {other}


def test_what_a_person_starts_passes_by_the_held_runs_of_its_job(site: Site) -> None:
    site.queue(priority=9)
    by_hand = site.queue(origin=Origin.MANUAL)
    assert site.tick(MONDAY) == {by_hand}


def test_one_that_has_waited_long_enough_passes_by_a_more_important_one(site: Site) -> None:
    site.queue(priority=10)
    late = site.queue(due_at=MONDAY - 61 * MINUTE, priority=1)
    assert site.tick(MONDAY) == {late}


def test_each_calm_look_lets_one_held_run_start(site: Site) -> None:
    held, site.host = [site.queue() for _ in range(3)], CALM
    assert site.tick(MONDAY) == set(held[:1])
    assert site.dispatcher.next_at() == MONDAY + 5 * SECOND
    assert site.tick(MONDAY + SECOND) == set(held[:1])
    assert site.tick(MONDAY + 5 * SECOND) == set(held[:2])
    site.host = BUSY
    assert site.tick(MONDAY + 10 * SECOND) == set(held[:2])


def test_nobody_looks_at_the_machine_while_nothing_waits_for_it(site: Site) -> None:
    started = {site.queue("other"), site.queue(origin=Origin.MANUAL)}
    assert site.tick(MONDAY) == started
    assert site.looks == 0
    assert site.dispatcher.next_at() is None


def test_a_clock_that_is_set_back_does_not_put_off_the_next_look(site: Site) -> None:
    held = site.queue(due_at=MONDAY - 2 * MINUTE)
    site.tick(MONDAY)
    site.host = CALM
    assert site.tick(MONDAY - MINUTE) == {held}


def test_no_keeper_is_wanted_for_a_run_that_is_held(site: Site) -> None:
    site.queue()
    site.tick(MONDAY)
    assert site.dispatcher.lacking == 0
