"""A run that becomes missed says what was in its way to the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.idleness import Idleness
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.absence import missed_reason
from jobctl.domain.absence_facts import Reason
from jobctl.domain.admission import HostLoad
from jobctl.domain.due import in_utc
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.store.records import MissedStarts, Pause
from tests.daemon.assembly import Assembly, warm_up
from tests.daemon.set_clock import MONDAY, SECOND

JOBS = """
[queues.mail]
max_concurrent = 1
[queues.slow]
rate_limit = "1/h"
[jobs.first]
command = "true"
queue = "mail"
[jobs.mail]
command = "true"
queue = "mail"
[jobs.slow]
command = "true"
queue = "slow"
max_concurrent = 9
[jobs.patient]
command = "true"
wait_for_idle = { load_below = 2.0 }
"""
OVER = MONDAY + 20 * SECOND


@dataclass
class Site:
    """A dispatcher on a busy machine."""

    around: Surroundings
    reserve_bytes: int = 0

    def __post_init__(self) -> None:
        warm_up(self.around, 3)
        disk = DiskReserve(self.around.places.state_dir, self.around.journal, self.reserve_bytes)
        idleness = Idleness(lambda: HostLoad(7.5, None))
        self.dispatcher = Dispatcher(self.around, Launcher(self.around), disk, idleness)

    def queue(self, job: str, queue: str = "default", start_by: int | None = None) -> int:
        run = NewRun(job, Origin.SCHEDULE, Status.QUEUED, MONDAY, MONDAY, start_by=start_by, queue=queue)
        return self.around.store.runs.add(run).id

    def counted(self) -> list[MissedStarts]:
        """The jobs that are told to miss their starts."""
        return self.around.store.jobs.missed_in_a_row()

    def sleep_until(self, now: int) -> None:
        """As if there had been no daemon before."""
        self.around.news.awake_since = now // 1000
        self.around.news.passed_while = "the daemon was not running (last at work 2026-11-23T12:00:00Z)"

    def why_missed(self, job: str, queue: str = "default", start_by: int = OVER - 1) -> str:
        """The reason of a run that waits until its time to start is over."""
        run_id = self.queue(job, queue, start_by)
        self.dispatcher.tick(MONDAY)
        self.dispatcher.tick(OVER)
        run = self.around.store.runs.get(run_id)
        assert run is not None
        assert run.status is Status.MISSED
        words = run.reason or ""
        assert words.startswith("start_deadline passed: it had not started 20s after it was due")
        assert missed_reason(words) is Reason.START_DEADLINE
        return words


Around = Callable[[str], Surroundings]


@pytest.mark.parametrize(("filler", "full"), [("first", "queue mail"), ("mail", "mail")])
def test_a_full_queue_or_job_is_named_with_the_run_that_fills_it(around: Around, filler: str, full: str) -> None:
    site = Site(around(JOBS))
    first = site.queue(filler, "mail")
    site.dispatcher.tick(MONDAY)
    why = f"since max_concurrent = 1 of {full} was reached by run {to_text(first)}"
    assert site.why_missed("mail", "mail").endswith(why)


@pytest.mark.parametrize(("queue", "what"), [(None, "everything"), ("mail", "queue mail")])
def test_a_pause_is_told_with_who_made_it_and_why(around: Around, queue: str | None, what: str) -> None:
    site = Site(around(JOBS))
    site.around.store.switches.pause(Pause(queue, MONDAY - 60 * SECOND, None, "ann", "the clock was set"))
    assert f"since {what} was paused by ann from " in (words := site.why_missed("mail", "mail"))
    assert words.endswith(" on (the clock was set)")
    assert site.counted() == [], "somebody ordered it"


def test_a_busy_machine_is_told(around: Around) -> None:
    site = Site(around(JOBS))
    assert site.why_missed("patient").endswith("since the load was 7.50, not below 2")
    site.why_missed("patient")
    assert site.counted() == [MissedStarts("patient", 2, MONDAY)]


def test_a_full_disk_is_told(around: Around) -> None:
    site = Site(around(JOBS), reserve_bytes=1 << 62)
    assert "since the disk had less than " in site.why_missed("mail", "mail")


def test_a_rate_limit_is_told(around: Around) -> None:
    site = Site(around(JOBS))
    site.queue("slow", "slow")
    site.dispatcher.tick(MONDAY)
    assert site.why_missed("slow", "slow").endswith("since rate_limit = 1/h of queue slow was reached")


def test_a_machine_that_refuses_processes_is_told(around: Around) -> None:
    site = Site(around(JOBS))
    site.dispatcher.hold(MONDAY, "no process left")
    assert site.why_missed("mail", "mail").endswith("since the machine refused new processes: no process left")


def test_a_daemon_that_drains_is_told(around: Around) -> None:
    site = Site(around(JOBS))
    site.dispatcher.draining = True
    assert site.why_missed("mail", "mail").endswith("since the daemon drained")
    assert site.counted() == [], "somebody ordered it"


def test_a_deadline_that_passed_while_no_daemon_was_there_is_put_down_to_that(around: Around) -> None:
    site = Site(around(JOBS), reserve_bytes=1 << 62)
    site.sleep_until(OVER)
    site.around.store.switches.pause(Pause(None, OVER - SECOND // 2, None, "ann", None))  # after the deadline
    words = site.why_missed("mail", "mail", OVER - SECOND)
    assert words.endswith("since the daemon was not running (last at work 2026-11-23T12:00:00Z)")
    assert site.counted() == [MissedStarts("mail", 1, MONDAY)], "nobody ordered it"


def test_a_pause_from_before_such_a_deadline_is_told_all_the_same(around: Around) -> None:
    site = Site(around(JOBS))
    site.sleep_until(OVER)
    site.around.store.switches.pause(Pause(None, MONDAY, None, "ann", None))
    assert "since everything was paused by ann from " in site.why_missed("mail", "mail", OVER - SECOND)


def test_a_pause_that_came_after_the_deadline_did_not_hold_the_run(around: Around) -> None:
    site = Site(around(JOBS), reserve_bytes=1 << 62)
    site.around.store.switches.pause(Pause(None, OVER, None, "ann", None))
    assert "since the disk had less than " in site.why_missed("mail", "mail")


def test_the_first_tick_of_a_daemon_knows_that_none_was_there_before(assemble: Callable[[str], Assembly]) -> None:
    here = assemble(JOBS)
    run_id = here.add("mail", queue="mail", start_by=MONDAY + 10 * SECOND)
    here.store.switches.pause(Pause(None, MONDAY + 15 * SECOND, None, "ann", None))
    here.tick(20 * SECOND)
    words = "start_deadline passed: it had not started 20s after it was due, since the daemon was not running"
    assert (here.status(run_id), here.run(run_id).reason) == (Status.MISSED, words)


def test_a_run_that_stood_for_several_slots_is_as_many_missed_starts(around: Around) -> None:
    site = Site(around(JOBS))
    oldest = in_utc(MONDAY // 1000 - 600)
    made = f"stands for 5 slots since {oldest} that passed while the daemon was not running"
    run = NewRun("patient", Origin.CATCH_UP, Status.QUEUED, MONDAY, MONDAY, start_by=OVER - 1, reason=made)
    site.around.store.runs.add(run)
    site.dispatcher.tick(MONDAY)
    site.dispatcher.tick(OVER)
    assert site.counted() == [MissedStarts("patient", 5, MONDAY - 600 * SECOND)]
