"""`why` over a real store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.domain.absence_facts import Reason
from jobctl.domain.admission import overlap_reason
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.operations.definitions import ensure_current
from jobctl.operations.explain_absence import Absence, explain_absence
from jobctl.operations.saying import full_time
from jobctl.store.records import Pause, ServiceInfo
from tests.operations.site import Site

NOON = 1_795_348_800_000  # 2026-11-22T12:00:00Z, a Sunday
HOUR = 3_600_000
DAY = 24 * HOUR
SLOT = NOON // 1000 - 12 * 3600 + 9000  # 02:30 of that day
JOBS = """\
[daemon]
timezone = "UTC"
[jobs.a]
command = "true"
schedule = "30 2 * * *"
[jobs.hourly]
command = "true"
schedule = "0 * * * *"
calendar_exclude = ["2026-11-20"]
[jobs.berlin]
command = "true"
schedule = "30 2 * * *"
timezone = "Europe/Berlin"
[jobs.by-hand]
command = "true"
[jobs.patient]
command = "true"
schedule = "30 2 * * *"
wait_for_idle = { load_below = 0, latest = "1d" }
"""


class Clock:
    """Stands still until it is set."""

    at = NOON - 60 * DAY

    def now(self) -> int:
        return self.at

    def boottime(self) -> int:
        return self.at


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Jobs that were defined two months before that noon; a daemon lived until a minute ago."""
    made = Site(tmp_path)
    made.define(JOBS)
    made.ctx.clock = clock = Clock()
    ensure_current(made.ctx)
    made.ctx.store.service.started(ServiceInfo(1, "1", clock.at, "jobs.toml", clock.at, "boot", 0))
    made.ctx.store.service.beat(NOON - 60_000)
    clock.at = NOON
    yield made
    made.close()


def why(site: Site, job: str, at: int | None = None) -> Absence:
    return explain_absence(site.ctx, job, at)


def reason(site: Site, job: str, at: int | None = None) -> Reason:
    return why(site, job, at).verdict.reason


def add(site: Site, status: Status, job: str = "a", slot: int | None = SLOT, why: str | None = None) -> int:
    made = NewRun(job, Origin.SCHEDULE, status, 1000 * SLOT, 1000 * SLOT, slot=slot, reason=why)
    return site.ctx.store.runs.add(made).id


def test_without_a_time_the_latest_slot_is_meant(site: Site) -> None:
    run = add(site, Status.SKIPPED, why="overlap: run 0abc of this job was still running")
    found = why(site, "a")
    assert (found.slot, found.verdict.reason) == (SLOT, Reason.OVERLAP)
    assert found.verdict.run is not None
    assert found.verdict.run.id == run
    assert [start.at // 1000 for start in (found.before, found.after) if start] == [SLOT - 86400, SLOT + 86400]


def test_a_slot_may_be_named_by_any_instant_of_the_minute_before_it(site: Site) -> None:
    add(site, Status.MISSED, why="not started within its start_deadline of 5m")
    assert reason(site, "a", 1000 * SLOT) is Reason.START_DEADLINE
    assert reason(site, "a", 1000 * SLOT - 30_000) is Reason.START_DEADLINE
    assert reason(site, "a", 1000 * SLOT + 1000) is Reason.NO_SLOT


def test_who_disabled_the_job_is_known_also_when_that_is_over(site: Site) -> None:
    jobs = site.ctx.store.jobs
    jobs.disable("a", "ann", 1000 * SLOT - HOUR, None, "disk")
    assert reason(site, "a") is Reason.DISABLED
    jobs.enable("a", "ben", 1000 * SLOT + HOUR)
    verdict = why(site, "a").verdict
    assert verdict.reason is Reason.DISABLED
    assert "disabled by ann" in verdict.text
    assert "disk" in verdict.text
    assert reason(site, "a", 1000 * SLOT + DAY) is Reason.NOT_YET


def test_a_job_that_is_disabled_for_a_time_is_off_until_then(site: Site) -> None:
    site.ctx.store.jobs.disable("a", "ann", 1000 * SLOT - HOUR, 1000 * SLOT - 1, None)
    assert reason(site, "a") is Reason.UNKNOWN


def test_what_passed_after_the_end_of_a_disabling_before_anybody_looked_was_not_kept_by_it(site: Site) -> None:
    jobs = site.ctx.store.jobs
    jobs.disable("a", "ann", 1000 * SLOT - DAY - HOUR, 1000 * SLOT - HOUR, None)
    jobs.end_disabled("a", NOON)
    assert reason(site, "a", 1000 * SLOT) is Reason.UNKNOWN
    verdict = why(site, "a", 1000 * SLOT - DAY).verdict
    assert verdict.reason is Reason.DISABLED
    assert f", until {full_time(1000 * SLOT - HOUR)}" in verdict.text


def test_a_daemon_that_is_gone_started_nothing(site: Site) -> None:
    site.ctx.store.service.beat(1000 * SLOT - HOUR)
    verdict = why(site, "a").verdict
    assert verdict.reason is Reason.DAEMON_DOWN
    assert "catch_up is once" in verdict.text


def test_a_slot_that_a_living_daemon_has_decided_is_not_called_undecided_before_its_next_beat(site: Site) -> None:
    store, due = site.ctx.store, 1000 * SLOT
    site.pretend_daemon()
    store.service.started(ServiceInfo(os.getpid(), "1", due - HOUR, "jobs.toml", due, "boot", 0))
    store.service.beat(due - 1000)
    site.ctx.clock = clock = Clock()
    clock.at = due + 30_000
    store.jobs.plan_next(dict.fromkeys(store.jobs.names(), due + DAY) | {"a": due})
    assert reason(site, "a") is Reason.NOT_YET
    store.jobs.decided("a", SLOT, due + DAY)  # its run was deleted
    assert reason(site, "a") is Reason.UNKNOWN


def test_a_queued_run_says_what_holds_it(site: Site) -> None:
    add(site, Status.QUEUED)
    assert why(site, "a").verdict.text.endswith("no daemon is running that would start it.")
    site.pretend_daemon()
    site.ctx.store.switches.pause(Pause(None, NOON - HOUR, None, "ann", "upgrade"))
    verdict = why(site, "a").verdict
    assert verdict.reason is Reason.PAUSED
    assert "paused by ann" in verdict.text


def test_a_slot_that_was_skipped_for_a_run_that_waits_still_says_what_for(site: Site) -> None:
    store = site.ctx.store
    first = add(site, Status.QUEUED, slot=SLOT - 86_400)
    blocker = store.runs.get(first)
    assert blocker is not None
    add(site, Status.SKIPPED, why=overlap_reason(blocker))
    store.switches.pause(Pause(None, NOON - HOUR, None, "ann", "all hands"))
    site.pretend_daemon()
    text = why(site, "a").verdict.text
    assert "was still queued. That run waits still: everything is paused by ann since 2026-11-22 " in text
    store.runs.move(first, Status.QUEUED, Status.CANCELLED, NOON)
    assert why(site, "a").verdict.text.endswith("was still queued.")


def test_slots_of_a_downtime_whose_one_run_was_skipped_are_told_by_it(site: Site) -> None:
    store = site.ctx.store
    blocker = store.runs.get(add(site, Status.QUEUED, slot=SLOT - 3 * 86_400))
    assert blocker is not None
    stands_for = "stands for 3 slots since 2026-11-20T02:30:00Z that passed while the daemon was not running"
    words = f"{overlap_reason(blocker)}; {stands_for}"
    made = NewRun("a", Origin.CATCH_UP, Status.SKIPPED, 1000 * SLOT, 1000 * SLOT, slot=SLOT, reason=words)
    skipped = store.runs.add(made).id
    assert reason(site, "a") is Reason.OVERLAP
    verdict = why(site, "a", 1000 * (SLOT - 2 * 86_400)).verdict
    assert verdict.reason is Reason.DAEMON_DOWN
    assert verdict.run is not None
    assert verdict.run.id == skipped
    assert "was still queued; stands for 3 slots since" in verdict.text
    assert "That run was skipped." in verdict.text


@pytest.mark.parametrize("reason", ["upgrade", "queue another is moved", "everything: again"])
@pytest.mark.parametrize(
    ("queue", "said"), [(None, "everything"), ("default", "queue default"), ("another", None)], ids=str
)
def test_a_run_that_started_late_says_which_pause_held_it(
    site: Site, queue: str | None, said: str | None, reason: str
) -> None:
    store, due = site.ctx.store, 1000 * SLOT
    run = add(site, Status.QUEUED)
    store.switches.pause(Pause(queue, due - 60_000, None, "ann", reason))
    store.switches.pause(Pause("mail", due - 50_000, None, "eve", None))
    store.switches.resume(queue, "ben", due + 70_000)
    store.switches.pause(Pause("mail", due - 50_000, None, "eve", "for longer"))
    store.attempts.begin(run, b"t" * 16, "keeper", due + 78_000)
    text = why(site, "a").verdict.text
    assert "1m18s after it was due" in text
    held = f" Meanwhile {said} was paused by ann {full_time(due - 60_000)} ({reason}) and resumed by ben "
    assert (held in text) == (said is not None), text


def test_a_run_that_a_busy_machine_holds_says_so(site: Site) -> None:
    add(site, Status.QUEUED, job="patient")
    site.pretend_daemon()
    verdict = why(site, "patient").verdict
    assert verdict.reason is Reason.HELD_FOR_LOAD
    assert "held for load: the load is" in verdict.text


def test_an_excluded_day_is_told_from_a_time_without_slot(site: Site) -> None:
    assert reason(site, "hourly", NOON - 2 * DAY) is Reason.EXCLUDED
    assert reason(site, "hourly", NOON - 2 * DAY + 5 * 60_000) is Reason.NO_SLOT
    assert reason(site, "hourly", NOON - 3 * DAY + 5 * 60_000) is Reason.NO_SLOT


def test_without_a_time_a_day_that_the_calendar_takes_out_is_told(site: Site) -> None:
    clock = site.ctx.clock
    assert isinstance(clock, Clock)
    clock.at = NOON - 2 * DAY + 5 * 60_000
    found = why(site, "hourly")
    assert (found.at, found.slot, found.verdict.reason) == (NOON - 2 * DAY, None, Reason.EXCLUDED)
    clock.at = NOON
    assert why(site, "hourly").slot == NOON // 1000, "the day after, its slots count again"


def test_the_second_pass_of_an_hour_is_the_clock_s_doing(site: Site) -> None:
    again = 1_792_891_800_000  # 2026-10-25T01:30Z, 02:30 in Berlin for the second time
    verdict = why(site, "berlin", again).verdict
    assert verdict.reason is Reason.DST
    assert why(site, "berlin", again - HOUR).slot == again // 1000 - 3600


def test_a_job_was_not_there_before_it_was_defined_nor_after_it_was_removed(site: Site) -> None:
    early = why(site, "a", 1000 * SLOT - 90 * DAY).verdict
    assert early.reason is Reason.NOT_DEFINED
    assert "is defined since" in early.text
    site.define(JOBS.replace("[jobs.a]", "[jobs.b]"))
    ensure_current(site.ctx)
    assert "removed from the jobs file" in why(site, "a", NOON).verdict.text
    assert reason(site, "a", 1000 * SLOT - DAY) is Reason.UNKNOWN


def test_the_schedule_of_that_time_counts(site: Site) -> None:
    site.define(JOBS.replace('"30 2 * * *"', '"30 4 * * *"', 1))
    ensure_current(site.ctx)
    assert why(site, "a", 1000 * SLOT).slot == SLOT
    assert why(site, "a", 1000 * SLOT + 2 * HOUR).verdict.reason is Reason.NO_SLOT
    assert why(site, "a", 1000 * SLOT + DAY).verdict.reason is Reason.NO_SLOT
    assert why(site, "a", 1000 * SLOT + DAY + 2 * HOUR).verdict.reason is Reason.NOT_YET
    assert why(site, "a").slot == SLOT  # 04:30 had passed when the file was changed


def test_a_job_without_a_clock_tells_of_its_newest_run(site: Site) -> None:
    assert reason(site, "by-hand") is Reason.NO_CLOCK
    run = add(site, Status.QUEUED, "by-hand", None)
    assert (found := why(site, "by-hand").verdict.run) is not None
    assert found.id == run
    assert reason(site, "by-hand", NOON) is Reason.NO_CLOCK
