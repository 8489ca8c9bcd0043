"""Slots become runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime

import pytest

from jobctl.config.places import Places
from jobctl.daemon.clock_watch import ClockWatch
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.startup import queue_startup_runs
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.due import first_answered
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter, MissedStarts
from jobctl.store.sqlite.store import SqliteStore
from tests.daemon.set_clock import DAY, HOUR, MINUTE, MONDAY, SECOND, SetClock

Around = Callable[[str], Surroundings]


class Ticking:
    """The clock watch and the scheduler, ticked together as the loop does."""

    def __init__(self, around: Surroundings, clock: SetClock) -> None:
        self.store = around.store
        self.clock = clock
        self.scheduler = Scheduler(around, "machine")
        self.watch = ClockWatch(clock, self.scheduler, around)

    def tick(self) -> None:
        now = self.clock.now()
        with self.store.transaction():
            self.watch.tick(now)
            self.scheduler.tick(now)
        self.watch.committed()

    def fail_in_a_tick(self) -> None:
        try:
            with self.store.transaction():
                self.scheduler.tick(self.clock.now())
                raise ZeroDivisionError
        finally:
            self.scheduler.rolled_back()

    def live(self, ms: int, step: int = SECOND) -> None:
        """Tick every `step` for so long, as a living daemon does."""
        for _ in range(ms // step):
            self.clock.pass_time(step)
            self.tick()

    def finish_all(self) -> None:
        for run in self.store.runs.waiting(1000, (), ()):
            self.store.runs.move(run.id, Status.QUEUED, Status.CANCELLED, self.clock.now(), "test")

    def runs(self) -> list[Run]:
        return list(reversed(self.store.runs.history(HistoryFilter(limit=1000))))


def slots(runs: list[Run]) -> list[int | None]:
    return [None if run.slot is None else run.slot * 1000 - MONDAY for run in runs]


@pytest.fixture
def start(around: Around, clock: SetClock) -> Callable[[str], Ticking]:
    def make(text: str) -> Ticking:
        ticking = Ticking(around(text), clock)
        ticking.tick()
        return ticking

    return make


def test_a_slot_becomes_one_run_when_its_time_has_come(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "*/5 * * * *"\n')
    daemon.live(5 * MINUTE - SECOND, MINUTE - SECOND)
    assert daemon.runs() == []
    daemon.live(5 * SECOND)
    daemon.tick()
    (run,) = daemon.runs()
    assert (run.status, run.origin, slots([run])) == (Status.QUEUED, Origin.SCHEDULE, [5 * MINUTE])


def test_the_scheduler_asks_to_be_woken_for_the_next_slot(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "30 2 * * *"\n')
    assert daemon.scheduler.next_at() == MONDAY + 2 * HOUR + 30 * MINUTE


def test_a_slot_that_meets_an_active_run_is_skipped_with_its_reason(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\n')
    daemon.live(2 * MINUTE)
    first, second = daemon.runs()
    assert first.status is Status.QUEUED
    assert second.status is Status.SKIPPED
    assert second.reason is not None
    assert "overlap" in second.reason


@pytest.mark.parametrize("overlap", ["queue", "allow"])
def test_a_slot_may_queue_behind_an_active_run(start: Callable[[str], Ticking], overlap: str) -> None:
    daemon = start(f'[jobs.a]\ncommand = "true"\nevery = "1m"\noverlap = "{overlap}"\n')
    daemon.live(2 * MINUTE)
    assert [run.status for run in daemon.runs()] == [Status.QUEUED, Status.QUEUED]


def test_a_slot_may_replace_an_active_run(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\noverlap = "replace"\n')
    daemon.live(2 * MINUTE)
    assert [run.status for run in daemon.runs()] == [Status.CANCELLED, Status.QUEUED]


def test_after_downtime_one_run_stands_for_all(start: Callable[[str], Ticking], around: Around) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "hourly"\n'
    daemon = start(text)
    daemon.clock.pass_time(5 * HOUR + MINUTE)
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    (run,) = restarted.runs()
    assert (run.origin, slots([run])) == (Origin.CATCH_UP, [5 * HOUR])
    assert run.reason is not None
    assert "5 slots" in run.reason


def test_after_downtime_the_run_keeps_when_the_daemon_before_was_last_at_work(
    start: Callable[[str], Ticking], around: Around
) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "hourly"\n'
    daemon = start(text)
    daemon.store.service.beat(MONDAY + 7 * SECOND)
    daemon.clock.pass_time(5 * HOUR + MINUTE)
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    restarted.store.service.beat(daemon.clock.now())
    (run,) = restarted.runs()
    at = datetime.fromtimestamp(MONDAY // 1000 + 7, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"while the daemon was not running (last at work {at}, and perhaps a minute longer)" in (run.reason or "")


def test_after_a_stop_the_run_keeps_when_the_daemon_before_stopped(
    start: Callable[[str], Ticking], around: Around
) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "hourly"\n'
    daemon = start(text)
    daemon.store.service.beat(MONDAY)
    daemon.store.service.stopped(MONDAY + 7 * SECOND)
    daemon.clock.pass_time(5 * HOUR + MINUTE)
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    (run,) = restarted.runs()
    at = datetime.fromtimestamp(MONDAY // 1000 + 7, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (run.reason or "").endswith(f"that passed while the daemon was not running (it stopped {at})")


def test_a_run_that_is_skipped_for_an_overlap_still_says_how_many_slots_it_stands_for(
    start: Callable[[str], Ticking], around: Around
) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "hourly"\n'
    daemon = start(text)
    daemon.live(HOUR)
    daemon.clock.pass_time(5 * HOUR + MINUTE)
    Ticking(around(text), daemon.clock).tick()
    _, skipped = daemon.runs()
    assert (skipped.status, skipped.origin, slots([skipped])) == (Status.SKIPPED, Origin.CATCH_UP, [6 * HOUR])
    assert skipped.reason is not None
    assert "was still queued; stands for 5 slots since" in skipped.reason
    assert first_answered(skipped.reason) == MONDAY // 1000 + 2 * 3600


def test_after_a_suspend_the_slots_count_as_passed(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.clock.pass_time(3 * HOUR)
    daemon.tick()
    (run,) = daemon.runs()
    assert run.origin is Origin.CATCH_UP
    assert run.reason is not None
    assert "suspended" in run.reason


def test_slots_that_are_not_caught_up_are_one_missed_row(start: Callable[[str], Ticking], around: Around) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "minutely"\ncatch_up = "none"\n'
    daemon = start(text)
    daemon.clock.pass_time(3 * 365 * DAY)
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    (run,) = restarted.runs()
    assert run.status is Status.MISSED
    assert run.reason is not None
    assert str(3 * 365 * 24 * 60) in run.reason.replace(",", "")
    (found,) = restarted.store.jobs.missed_in_a_row()
    assert found == MissedStarts("a", 3 * 365 * 24 * 60, MONDAY + MINUTE), "however many rows there are, or will be"


def test_a_missed_slot_that_has_its_run_already_is_not_counted(start: Callable[[str], Ticking], around: Around) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "hourly"\ncatch_up = "none"\n'
    daemon = start(text)
    early = NewRun("a", Origin.MANUAL, Status.QUEUED, MONDAY, MONDAY, slot=MONDAY // 1000 + 3600)
    daemon.store.runs.add(early)
    daemon.clock.pass_time(HOUR + MINUTE)
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    assert [run.status for run in restarted.runs()] == [Status.QUEUED]
    assert restarted.store.jobs.missed_in_a_row() == []


def test_a_clock_set_forward_makes_slots_late_and_loses_none(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.clock.step(2 * HOUR + MINUTE)
    daemon.tick()
    (run,) = daemon.runs()
    assert run.origin is Origin.CATCH_UP


def test_a_clock_set_back_an_hour_repeats_intervals_and_not_fixed_times(start: Callable[[str], Ticking]) -> None:
    daemon = start(
        '[jobs.wild]\ncommand = "true"\nevery = "30m"\noverlap = "allow"\n'
        '[jobs.fixed]\ncommand = "true"\nschedule = "30 0 * * *"\noverlap = "allow"\n'
    )
    daemon.live(HOUR, MINUTE - SECOND)
    daemon.clock.realtime = MONDAY + HOUR
    daemon.tick()
    before = [run.job for run in daemon.runs()]
    daemon.clock.step(-HOUR)
    daemon.live(HOUR + MINUTE, 30 * SECOND)
    after = [run.job for run in daemon.runs()]
    assert (before.count("wild"), before.count("fixed")) == (2, 1)
    assert (after.count("wild"), after.count("fixed")) == (4, 1)


def test_a_clock_that_was_a_year_ahead_blocks_nothing(start: Callable[[str], Ticking], around: Around) -> None:
    text = '[jobs.a]\ncommand = "true"\nschedule = "30 2 * * *"\n'
    daemon = start(text)
    daemon.clock.step(365 * DAY)
    daemon.tick()
    daemon.finish_all()
    daemon.clock.step(-365 * DAY)
    daemon.tick()
    assert daemon.scheduler.next_at() in (0, MONDAY + 2 * HOUR + 30 * MINUTE)
    daemon.tick()
    assert daemon.scheduler.next_at() == MONDAY + 2 * HOUR + 30 * MINUTE


def test_every_after_counts_from_the_end_of_the_run(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery_after = "10m"\n')
    daemon.live(10 * MINUTE, 30 * SECOND)
    (run,) = daemon.runs()
    daemon.live(15 * MINUTE, 30 * SECOND)
    assert len(daemon.runs()) == 1, "while it runs there is no next start, and nothing to skip"
    end = daemon.clock.now()
    with daemon.store.transaction():
        daemon.store.runs.move(run.id, Status.QUEUED, Status.CANCELLED, end, "test")
        daemon.scheduler.ended("a", end)
    assert daemon.scheduler.next_at() == end + 10 * MINUTE


def test_every_after_goes_on_when_a_waiting_run_is_cancelled_by_somebody_else(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery_after = "10m"\n')
    daemon.live(10 * MINUTE, 30 * SECOND)
    daemon.finish_all()
    daemon.live(10 * MINUTE + 30 * SECOND, 30 * SECOND)
    assert [run.status for run in daemon.runs()] == [Status.CANCELLED, Status.QUEUED]


def test_a_disabled_job_gets_no_runs_and_catches_nothing_up(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), None, "maintenance")
    daemon.live(2 * HOUR, 50 * SECOND)
    daemon.store.jobs.enable("a", "ops", daemon.clock.now())
    daemon.live(MINUTE, 30 * SECOND)
    assert daemon.runs() == []


def test_a_job_disabled_for_a_while_comes_back_by_itself(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 90 * MINUTE, None)
    daemon.live(2 * HOUR, 30 * SECOND)
    assert slots(daemon.runs()) == [2 * HOUR]


def test_a_slot_at_the_end_of_a_disabling_has_its_run(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + HOUR, None)
    daemon.live(HOUR + MINUTE, 30 * SECOND)
    assert slots(daemon.runs()) == [HOUR]


def test_what_passes_without_a_daemon_after_the_end_of_a_disabling_is_caught_up(
    start: Callable[[str], Ticking],
) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 90 * MINUTE, None)
    daemon.clock.pass_time(4 * HOUR + MINUTE)
    daemon.tick()
    daemon.tick()
    assert slots(daemon.runs()) == [4 * HOUR]


def test_what_was_not_decided_when_a_job_was_disabled_is_not_caught_up_either(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.clock.pass_time(2 * HOUR + MINUTE)  # no daemon
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 150 * MINUTE, None)
    daemon.clock.pass_time(30 * MINUTE)
    daemon.live(MINUTE, 30 * SECOND)
    assert daemon.runs() == []
    daemon.live(30 * MINUTE, 30 * SECOND)
    assert slots(daemon.runs()) == [3 * HOUR]


def test_a_schedule_that_is_changed_after_the_end_of_a_disabling_catches_nothing_up(
    start: Callable[[str], Ticking], around: Callable[[str, int], Surroundings]
) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 90 * MINUTE, None)
    daemon.clock.pass_time(4 * HOUR)
    restarted = Ticking(around('[jobs.a]\ncommand = "true"\nevery = "30m"\n', daemon.clock.now()), daemon.clock)
    restarted.live(2 * MINUTE, 30 * SECOND)
    assert restarted.runs() == []
    restarted.live(30 * MINUTE, 30 * SECOND)
    assert slots(restarted.runs()) == [270 * MINUTE]


def test_a_disabling_that_is_renewed_while_the_old_one_ends_holds(
    start: Callable[[str], Ticking], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    jobs = daemon.store.jobs
    jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 90 * MINUTE, None)
    daemon.live(85 * MINUTE, 30 * SECOND)
    with monkeypatch.context() as patch:  # as if it came between the scheduler's look and its decision
        before = jobs.generation()
        patch.setattr(type(jobs), "generation", lambda _: before)
        jobs.disable("a", "ops", daemon.clock.now(), None, None)
        daemon.live(6 * MINUTE, 30 * SECOND)
    daemon.live(2 * HOUR, 50 * SECOND)
    assert daemon.runs() == []


def disable_meanwhile(store: Store, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody disables job `a` while the daemon, which has looked, waits for the write lock for the first time."""
    transaction, waits = store.transaction, 0

    def wait(*, locked: bool = False) -> AbstractContextManager[None]:
        nonlocal waits
        waits += locked
        if locked and waits == 1:
            with closing(SqliteStore.open(places.database, places.write_lock)) as theirs:
                theirs.jobs.disable("a", "ops", MONDAY, None, "maintenance")
        return transaction(locked=locked)

    monkeypatch.setattr(store, "transaction", wait)


def test_no_slot_slips_through_a_disabling_that_is_acknowledged(
    start: Callable[[str], Ticking], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\n')
    disable_meanwhile(daemon.store, places, monkeypatch)
    daemon.clock.pass_time(MINUTE)
    daemon.tick()
    assert daemon.store.jobs.timings()[0].disabled
    assert daemon.runs() == []
    monkeypatch.undo()
    daemon.live(3 * MINUTE, 30 * SECOND)
    assert daemon.runs() == []


def test_a_disabling_does_not_end_within_its_last_second(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nschedule = "hourly"\n')
    daemon.store.jobs.disable("a", "ops", daemon.clock.now(), MONDAY + 1_500, None)
    daemon.live(1_400, 100)
    assert daemon.store.jobs.timings()[0].disabled
    daemon.live(1_000, 100)
    assert not daemon.store.jobs.timings()[0].disabled


def test_a_daemon_told_to_start_nothing_scheduled_starts_nothing(start: Callable[[str], Ticking]) -> None:
    daemon = start('[daemon]\nenabled = false\n[jobs.a]\ncommand = "true"\nevery = "1m"\n')
    daemon.live(3 * MINUTE, 30 * SECOND)
    assert daemon.runs() == []


def test_an_exception_in_the_tick_loses_no_slot(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\n')
    daemon.clock.pass_time(MINUTE)
    with pytest.raises(ZeroDivisionError):
        daemon.fail_in_a_tick()
    daemon.tick()
    assert len(daemon.runs()) == 1


def test_a_thousand_jobs_due_together_are_decided_over_several_ticks(start: Callable[[str], Ticking]) -> None:
    daemon = start("".join(f'[jobs.j{n}]\ncommand = "true"\nschedule = "hourly"\n' for n in range(250)))
    daemon.clock.pass_time(HOUR)
    daemon.clock.since_boot -= HOUR - SECOND
    daemon.tick()
    assert 0 < len(daemon.runs()) < 250
    assert daemon.scheduler.next_at() == MONDAY + HOUR
    while daemon.scheduler.next_at() == MONDAY + HOUR:
        daemon.tick()
    assert len(daemon.runs()) == 250


def test_on_start_and_on_boot_are_one_run_each_start(around: Around) -> None:
    text = (
        '[jobs.both]\ncommand = "true"\non_start = true\non_boot = true\n'
        '[jobs.boot]\ncommand = "true"\non_boot = true\n[jobs.none]\ncommand = "true"\n'
    )
    surroundings = around(text)
    store, catalogue = surroundings.store, surroundings.catalogue
    with store.transaction():
        assert queue_startup_runs(store, catalogue, MONDAY, booted=True) == 2
    with store.transaction():
        assert queue_startup_runs(store, catalogue, MONDAY, booted=True) == 0, "they are still active"
    assert {run.origin for run in store.runs.waiting(9, (), ())} == {Origin.STARTUP}


def test_no_start_of_the_daemon_slips_through_a_disabling_either(
    around: Around, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around('[jobs.a]\ncommand = "true"\non_start = true\n')
    disable_meanwhile(here.store, places, monkeypatch)
    with here.store.transaction():
        assert queue_startup_runs(here.store, here.catalogue, MONDAY, booted=False) == 0
    assert here.store.jobs.timings()[0].disabled


def test_a_disabling_that_was_over_before_the_daemon_starts_keeps_no_job_from_its_start(around: Around) -> None:
    here = around('[jobs.over]\ncommand = "true"\non_start = true\n[jobs.off]\ncommand = "true"\non_start = true\n')
    here.store.jobs.disable("over", "ops", MONDAY - HOUR, MONDAY, None)
    here.store.jobs.disable("off", "ops", MONDAY - HOUR, MONDAY + 1, None)
    with here.store.transaction():
        assert queue_startup_runs(here.store, here.catalogue, MONDAY, booted=False) == 1
    assert [run.job for run in here.store.runs.waiting(9, (), ())] == ["over"]


def test_a_slot_that_somebody_took_early_replaces_nothing(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\noverlap = "replace"\n')
    taken = MONDAY + MINUTE
    daemon.store.runs.add(NewRun("a", Origin.MANUAL, Status.QUEUED, MONDAY, MONDAY, slot=taken // 1000))
    daemon.live(MINUTE)
    assert [run.status for run in daemon.runs()] == [Status.QUEUED]


def test_a_slot_that_somebody_took_early_stays_unannounced_when_jobs_change(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1m"\n[jobs.b]\ncommand = "true"\nevery = "1m"\n')
    taken, following = MONDAY + MINUTE, MONDAY + 2 * MINUTE
    daemon.store.runs.add(NewRun("a", Origin.MANUAL, Status.QUEUED, MONDAY, MONDAY, slot=taken // 1000))
    daemon.store.jobs.plan_next({"a": following, "b": following})
    daemon.store.jobs.disable("b", "ann", MONDAY, None, None)
    daemon.store.jobs.enable("b", "ann", MONDAY)
    daemon.tick()
    assert [row.next_at for row in daemon.store.jobs.rows()] == [following, taken]


def test_slots_that_are_decided_together_overlap_like_others(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "1s"\n')
    daemon.clock.pass_time(5 * SECOND)
    daemon.tick()
    assert [run.status for run in daemon.runs()] == [Status.QUEUED] + [Status.SKIPPED] * 4


def test_a_clock_that_was_ahead_before_the_restart_blocks_nothing(
    start: Callable[[str], Ticking], around: Around
) -> None:
    text = (
        '[jobs.cron]\ncommand = "true"\nschedule = "30 2 * * *"\n[jobs.each]\ncommand = "true"\nevery = "5s"\n'
        '[jobs.after]\ncommand = "true"\nevery_after = "4s"\n'
    )
    daemon = start(text)
    daemon.clock.realtime = MONDAY + 365 * DAY
    daemon.tick()
    daemon.finish_all()
    daemon.clock.realtime = MONDAY
    restarted = Ticking(around(text), daemon.clock)
    restarted.tick()
    restarted.tick()
    starts = {name: start for name, start in restarted.scheduler._plan._starts.items() if start is not None}
    assert set(starts) == {"cron", "each", "after"}
    assert all(start * 1000 <= MONDAY + DAY for start in starts.values()), starts


def test_a_clock_set_back_is_seen_before_any_deadline(start: Callable[[str], Ticking]) -> None:
    daemon = start('[jobs.a]\ncommand = "true"\nevery = "5s"\n')
    assert not daemon.watch.has_stepped(daemon.clock.pass_time(500))
    assert daemon.watch.has_stepped(daemon.clock.step(-365 * DAY))
