"""Which slots deserve a run, as a table of situations."""

from __future__ import annotations

import pytest

from jobctl.domain.due import ORDINARY_LIMIT, DueRun, Missed, decide
from jobctl.domain.job import CatchUp, Lateness
from jobctl.domain.run import Origin
from jobctl.domain.schedule import compile_expression, spread_offset
from tests.domain.counting import counted

HOUR = 3600
DAY = 24 * HOUR
NOON = 1_793_016_000  # 2026-10-26T12:00:00Z
HOURLY = compile_expression("hourly", "UTC")
MINUTELY = compile_expression("* * * * *", "UTC")
DOWN = "passed while the daemon was not running"


def at(hour: int, minute: int = 0, day: int = 26) -> str:
    return f"2026-10-{day}T{hour:02}:{minute:02}:00Z"


def lateness(catch_up: CatchUp, deadline: float | None = None, window: int = DAY, limit: int = 10) -> Lateness:
    return Lateness(catch_up, window, limit, deadline)


def test_nothing_due_leaves_the_watermark_and_names_the_next_slot() -> None:
    decision = decide(HOURLY, Lateness(), NOON, NOON + 600, 0)
    assert (decision.runs, decision.missed, decision.watermark, decision.next_slot) == ((), (), NOON, NOON + HOUR)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_slot_that_comes_while_the_daemon_is_awake_is_an_ordinary_run_whatever_catch_up_says(
    catch_up: CatchUp,
) -> None:
    decision = decide(HOURLY, lateness(catch_up), NOON - HOUR, NOON + 30, NOON - 1)
    assert decision.runs == (DueRun(NOON, Origin.SCHEDULE),)
    assert decision.missed == ()
    assert decision.watermark == NOON
    assert decision.next_slot == NOON + HOUR


def test_once_makes_one_run_for_the_newest_slot_and_says_how_many_it_stands_for() -> None:
    decision = decide(HOURLY, lateness(CatchUp.ONCE), NOON - 6 * HOUR, NOON + 600, NOON + 600)
    reason = "stands for 6 slots since 2026-10-26T07:00:00Z that passed while the daemon was not running"
    assert decision.runs == (DueRun(NOON, Origin.CATCH_UP, 6, reason),)
    assert decision.missed == ()
    assert decision.watermark == NOON


def test_once_with_a_single_passed_slot_is_caught_up_and_says_why() -> None:
    decision = decide(HOURLY, Lateness(), NOON - HOUR, NOON + 600, NOON + 600, "the host was suspended")
    reason = "caught up: its time passed while the host was suspended"
    assert decision.runs == (DueRun(NOON, Origin.CATCH_UP, 1, reason),)


def test_none_makes_one_missed_row_with_range_and_count() -> None:
    decision = decide(HOURLY, lateness(CatchUp.NONE), NOON - 6 * HOUR, NOON + 600, NOON + 600)
    assert decision.runs == ()
    assert decision.missed == (
        Missed(NOON, NOON - 5 * HOUR, 6, f"6 slots from {at(7)} to {at(12)} {DOWN}, and catch_up is none"),
    )


def test_all_runs_the_newest_up_to_the_limit_oldest_first_and_one_row_holds_the_rest() -> None:
    decision = decide(HOURLY, lateness(CatchUp.ALL, limit=3), NOON - 6 * HOUR, NOON + 600, NOON + 600)
    assert [run.slot for run in decision.runs] == [NOON - 2 * HOUR, NOON - HOUR, NOON]
    assert {run.origin for run in decision.runs} == {Origin.CATCH_UP}
    reason = f"3 slots from {at(7)} to {at(9)} {DOWN}, and catch_up_limit keeps the newest 3"
    assert decision.missed == (Missed(NOON - 3 * HOUR, NOON - 5 * HOUR, 3, reason),)


def test_all_leaves_what_is_outside_the_window_to_one_row() -> None:
    decision = decide(HOURLY, lateness(CatchUp.ALL, window=2 * HOUR), NOON - 6 * HOUR, NOON + 600, NOON + 600)
    assert [run.slot for run in decision.runs] == [NOON - HOUR, NOON]
    reason = f"4 slots from {at(7)} to {at(10)} {DOWN}, longer ago than the catch_up_window of 2h"
    assert decision.missed == (Missed(NOON - 2 * HOUR, NOON - 5 * HOUR, 4, reason),)


@pytest.mark.parametrize("catch_up", [CatchUp.ONCE, CatchUp.ALL])
def test_a_newest_slot_outside_the_window_is_not_caught_up(catch_up: CatchUp) -> None:
    daily = compile_expression("0 12 * * *", "UTC")
    now = NOON + 6 * HOUR
    decision = decide(daily, lateness(catch_up, window=HOUR), NOON - 3 * DAY, now, now)
    assert decision.runs == ()
    reason = f"3 slots from {at(12, day=24)} to {at(12)} {DOWN}, longer ago than the catch_up_window of 1h"
    assert decision.missed == (Missed(NOON, NOON - 2 * DAY, 3, reason),)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_passed_slot_whose_deadline_is_over_is_missed_whatever_catch_up_says(catch_up: CatchUp) -> None:
    decision = decide(HOURLY, lateness(catch_up, deadline=300), NOON - 2 * HOUR, NOON + 600, NOON + 600)
    assert decision.runs == ()
    reason = f"2 slots from {at(11)} to {at(12)} {DOWN}, not started within its start_deadline of 5m"
    assert decision.missed == (Missed(NOON, NOON - HOUR, 2, reason),)


def test_a_passed_slot_whose_deadline_is_not_over_is_an_ordinary_late_run() -> None:
    for catch_up in (CatchUp.NONE, CatchUp.ONCE):
        decision = decide(HOURLY, lateness(catch_up, deadline=900), NOON - HOUR, NOON + 600, NOON + 600)
        assert decision.runs == (DueRun(NOON, Origin.SCHEDULE),)
        assert decision.missed == ()


def test_none_with_a_deadline_starts_only_the_newest_slot_and_reports_the_older_ones() -> None:
    decision = decide(MINUTELY, lateness(CatchUp.NONE, deadline=900), NOON - 600, NOON, NOON)
    assert decision.runs == (DueRun(NOON, Origin.SCHEDULE),)
    assert decision.missed == (
        Missed(NOON - 60, NOON - 540, 9, f"9 slots from {at(11, 51)} to {at(11, 59)} {DOWN}, and catch_up is none"),
    )


def test_an_ordinary_slot_that_a_busy_loop_saw_after_its_deadline_is_missed() -> None:
    decision = decide(HOURLY, lateness(CatchUp.ONCE, deadline=60), NOON - HOUR, NOON + 90, NOON - HOUR)
    assert decision.runs == ()
    assert decision.missed == (Missed(NOON, NOON, 1, "not started within its start_deadline of 1m"),)


def test_passed_and_ordinary_slots_of_one_decision_are_kept_apart() -> None:
    decision = decide(HOURLY, Lateness(), NOON - 3 * HOUR, NOON + 5, NOON - 600)
    assert [(run.slot, run.origin, run.stands_for) for run in decision.runs] == [
        (NOON - HOUR, Origin.CATCH_UP, 2),
        (NOON, Origin.SCHEDULE, 1),
    ]


def test_a_slot_that_spread_puts_off_until_after_the_gap_is_ordinary() -> None:
    decision = decide(HOURLY, lateness(CatchUp.NONE), NOON - HOUR, NOON + 600, NOON + 600, put_off=lambda slot: 1200)
    assert decision.runs == (DueRun(NOON, Origin.SCHEDULE),)


def test_a_deadline_counts_from_the_spread_start() -> None:
    decision = decide(HOURLY, lateness(CatchUp.NONE, 300), NOON - HOUR, NOON + 600, NOON + 600, put_off=lambda s: 400)
    assert decision.runs == (DueRun(NOON, Origin.SCHEDULE),)


def test_the_identity_of_a_slot_does_not_know_spread() -> None:
    decision = decide(
        HOURLY, Lateness(), NOON - HOUR, NOON, NOON - 9, put_off=lambda s: spread_offset("m", "j", s, 600)
    )
    assert decision.runs[0].slot == NOON


def test_a_clock_that_was_put_back_a_little_repeats_nothing_before_the_watermark() -> None:
    decision = decide(HOURLY, Lateness(), NOON, NOON - 1800, NOON - 1800)
    assert (decision.runs, decision.watermark, decision.next_slot) == ((), NOON, NOON + HOUR)


def test_a_stall_of_an_awake_daemon_does_not_flood_either() -> None:
    decision = decide(MINUTELY, Lateness(), NOON - DAY, NOON, 0)
    assert len(decision.runs) == ORDINARY_LIMIT + 1
    assert sum(run.stands_for for run in decision.runs) == 1440


@pytest.mark.parametrize(
    ("catch_up", "runs", "missed"), [(CatchUp.ONCE, 1, 0), (CatchUp.NONE, 0, 1), (CatchUp.ALL, 10, 1)]
)
def test_three_years_of_minutes_are_decided_at_once_and_counted_exactly(
    catch_up: CatchUp, runs: int, missed: int
) -> None:
    berlin = compile_expression("* * * * *", "Europe/Berlin")
    decision, calls = counted(lambda: decide(berlin, lateness(catch_up), NOON - 3 * 365 * DAY, NOON, NOON))
    assert calls < 3 * 365 * 1440 / 10
    assert (len(decision.runs), len(decision.missed)) == (runs, missed)
    slots = sum(run.stands_for for run in decision.runs) + sum(row.count for row in decision.missed)
    assert slots == 3 * 365 * 1440
