"""From a job's triggers to its slots."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from jobctl.domain.job import Triggers
from jobctl.domain.schedule import ScheduleProblem, compile_expression, compile_triggers, spread_offset
from tests.domain.counting import counted

DAY = 86_400
EVERYTHING = 1 << 60
NOON = 1_793_016_000  # 2026-10-26T12:00:00Z


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_triggers_that_time_alone_never_fires_have_no_schedule() -> None:
    for triggers in (Triggers(), Triggers(every_after=600), Triggers(on_start=True), Triggers(on_boot=True)):
        assert compile_triggers(triggers, "job", "UTC") is None


def test_equal_expressions_in_one_zone_share_one_object() -> None:
    first = compile_triggers(Triggers(schedule=("* * * * *",)), "a", "Europe/Berlin")
    assert compile_triggers(Triggers(schedule=("minutely",)), "b", "Europe/Berlin") is first
    assert compile_triggers(Triggers(schedule=("*/1 * * * *",), timezone="Europe/Berlin"), "c", "UTC") is first
    assert compile_triggers(Triggers(schedule=("* * * * *",)), "d", "UTC") is not first


def test_the_zone_of_a_job_comes_before_that_of_the_system() -> None:
    schedule = compile_triggers(Triggers(schedule=("0 9 * * *",), timezone="Asia/Tokyo"), "job", "Europe/Berlin")
    assert schedule is not None
    assert schedule.next_after(NOON) == at("2026-10-27T00:00Z")


def test_a_list_of_expressions_yields_each_of_their_slots_once() -> None:
    schedule = compile_triggers(Triggers(schedule=("0 9 * * 1-5", "0 9,12 * * *", "30 9 * * 6")), "job", "UTC")
    assert schedule is not None
    slots = schedule.slots_between(at("2026-10-30T00:00Z"), at("2026-10-31T23:00Z"), 100)
    expected = ["2026-10-30T09:00Z", "2026-10-30T12:00Z", "2026-10-31T09:00Z", "2026-10-31T09:30Z", "2026-10-31T12:00Z"]
    assert slots == [at(slot) for slot in expected]
    assert schedule.count_between(at("2026-10-30T00:00Z"), at("2026-10-31T23:00Z"), EVERYTHING) == 5


def test_a_list_keeps_each_expressions_own_rule_when_the_clock_is_put_back() -> None:
    schedule = compile_triggers(Triggers(schedule=("30 2 * * *", "0 * * * *")), "job", "Europe/Berlin")
    assert schedule is not None
    slots = schedule.slots_between(at("2026-10-25T00:00+02:00"), at("2026-10-25T03:30+01:00"), 100)
    expected = ["01:00+02:00", "02:00+02:00", "02:30+02:00", "02:00+01:00", "03:00+01:00"]
    assert slots == [at(f"2026-10-25T{slot}") for slot in expected]
    assert not schedule.wild


def test_only_wildcards_and_intervals_are_wild() -> None:
    cases = [
        (Triggers(schedule=("*/5 * * * *", "0 * * * *")), True),
        (Triggers(schedule=("0 5 * * *",)), False),
        (Triggers(every=90), True),
        (Triggers(at=NOON), False),
        (Triggers(every=90, calendar_exclude=frozenset({"2026-12-25"})), True),
    ]
    for triggers, wild in cases:
        schedule = compile_triggers(triggers, "job", "UTC")
        assert schedule is not None
        assert schedule.wild is wild


def test_an_interval_is_anchored_at_the_epoch() -> None:
    schedule = compile_triggers(Triggers(every=90), "job", "Europe/Berlin")
    assert schedule is not None
    assert schedule.slots_between(NOON, NOON + 300, 10) == [NOON + 90, NOON + 180, NOON + 270]
    assert schedule.previous_at_or_before(NOON + 149) == NOON + 90
    assert schedule.newest_between(NOON, NOON + 300, 2) == [NOON + 180, NOON + 270]
    assert schedule.count_between(NOON, NOON + 900_000, EVERYTHING) == 10_000
    assert schedule.count_between(NOON, NOON + 900_000, 7) == 7
    assert schedule.next_after(-5) == 0


def test_an_interval_does_not_notice_the_clock_being_set() -> None:
    schedule = compile_triggers(Triggers(every=3600), "job", "Europe/Berlin")
    assert schedule is not None
    slots = schedule.slots_between(at("2026-10-24T22:00Z"), at("2026-10-25T03:00Z"), 100)
    assert {b - a for a, b in pairwise(slots)} == {3600}


def test_a_single_instant_is_one_slot() -> None:
    schedule = compile_triggers(Triggers(at=NOON), "job", "UTC")
    assert schedule is not None
    assert (schedule.next_after(NOON - 1), schedule.next_after(NOON)) == (NOON, None)
    assert (schedule.previous_at_or_before(NOON), schedule.previous_at_or_before(NOON - 1)) == (NOON, None)
    assert schedule.slots_between(0, EVERYTHING, 10) == schedule.newest_between(0, EVERYTHING, 10) == [NOON]
    assert (schedule.count_between(0, NOON, 10), schedule.count_between(NOON, EVERYTHING, 10)) == (1, 0)


@pytest.mark.parametrize("triggers", [Triggers(schedule=("0 * * * *",)), Triggers(every=3600)])
def test_excluded_dates_are_those_of_the_zones_wall(triggers: Triggers) -> None:
    excluding = Triggers(
        schedule=triggers.schedule,
        every=triggers.every,
        timezone="Europe/Berlin",
        calendar_exclude=frozenset({"2026-10-25", "2026-12-25"}),
    )
    schedule = compile_triggers(excluding, "job", "UTC")
    assert schedule is not None
    before, after = at("2026-10-24T23:00+02:00"), at("2026-10-26T00:00+01:00")
    assert after - before == 26 * 3600  # a day of 25 hours is left out
    assert schedule.next_after(before) == after
    assert schedule.previous_at_or_before(after - 1) == before
    assert schedule.slots_between(before - 1, after, 10) == [before, after]
    assert schedule.newest_between(before - 1, after, 10) == [before, after]
    assert schedule.count_between(before - 1, after, 10) == 2
    year = schedule.count_between(at("2026-01-01T00:00+01:00") - 1, at("2027-01-01T00:00+01:00") - 1, EVERYTHING)
    assert year == 365 * 24 - 25 - 24


def test_a_bad_date_is_refused() -> None:
    with pytest.raises(ScheduleProblem) as caught:
        compile_triggers(Triggers(every=60, calendar_exclude=frozenset({"2026-02-30"})), "job", "UTC")
    assert caught.value.message == 'calendar_exclude "2026-02-30" is not a date'
    assert caught.value.hint == 'write it as "2026-12-25"'


def test_an_unknown_zone_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ScheduleProblem) as caught:
        compile_expression("daily", "Europe/Berln")
    assert (caught.value.message, caught.value.hint) == (
        'there is no time zone "Europe/Berln"',
        'did you mean "Europe/Berlin"?',
    )
    for name in ("Europe", "../etc/passwd", "", "Nowhere/Zzzzzz"):
        with pytest.raises(ScheduleProblem):
            compile_expression("daily", name)


def test_an_interval_that_never_moves_on_is_refused() -> None:
    with pytest.raises(ScheduleProblem) as caught:
        compile_triggers(Triggers(every=0), "job", "UTC")
    assert (caught.value.message, caught.value.hint) == (
        "an interval of 0s never moves on",
        'write every = "1s" or more',
    )


@pytest.mark.parametrize(
    ("triggers", "spread", "period"),
    [
        (Triggers(schedule=("* * * * *",)), 60, "1m"),
        (Triggers(schedule=("0,50 * * * *",)), 600, "10m"),
        (Triggers(schedule=("0 23 * * *", "30 0 * * *")), 5400, "1h30m"),
        (Triggers(schedule=("0 0 * * 1,3",)), 2 * DAY, "2d"),
        (Triggers(schedule=("0 0 1 * *",)), 28 * DAY, "28d"),
        (Triggers(every=90), 90, "1m30s"),
    ],
)
def test_a_spread_must_be_shorter_than_the_period(triggers: Triggers, spread: int, period: str) -> None:
    def spreading(seconds: int) -> Triggers:
        return Triggers(schedule=triggers.schedule, every=triggers.every, spread=seconds)

    assert compile_triggers(spreading(spread - 1), "job", "UTC") is not None
    with pytest.raises(ScheduleProblem) as caught:
        compile_triggers(spreading(spread), "job", "UTC")
    assert caught.value.message == f"spread = {period} is not shorter than the {period} between two slots"
    assert caught.value.hint == f'write a spread below "{period}"'


def test_spread_is_stable_and_differs_by_machine_job_and_slot() -> None:
    assert spread_offset("machine", "job", NOON, 300) == 299  # another value would move every spread job
    assert spread_offset("machine", "job", NOON, 0) == 0
    offsets = [spread_offset("machine", "job", NOON + 60 * number, 300) for number in range(6000)]
    assert set(offsets) == set(range(300))
    assert max(Counter(offsets).values()) < 60
    assert len({spread_offset("machine", f"job-{number}", NOON, 10_000) for number in range(100)}) > 95
    assert len({spread_offset(f"machine-{number}", "job", NOON, 10_000) for number in range(100)}) > 95


def test_nothing_is_looked_for_before_1970_or_after_2200() -> None:
    leap_day = compile_expression("0 0 29 2 *", "Europe/Berlin")
    assert leap_day.next_after(at("2196-03-01T00:00Z")) is None  # 2200 is no leap year
    assert leap_day.previous_at_or_before(at("1972-02-28T00:00Z")) is None
    assert compile_expression("* * * * *", "Asia/Tokyo").next_after(-EVERYTHING) == 0
    assert compile_expression("* * * * *", "Asia/Tokyo").previous_at_or_before(EVERYTHING) == at("2200-12-31T23:59Z")


def test_three_years_of_minutes_are_counted_without_enumerating_them() -> None:
    minutely = compile_expression("* * * * *", "America/New_York")
    count, calls = counted(lambda: minutely.count_between(NOON - 3 * 365 * DAY, NOON, EVERYTHING))
    assert count == 3 * 365 * 1440
    assert calls < count / 10


def test_a_slot_is_shown_where_the_schedule_puts_it() -> None:
    slot = compile_expression("30 2 * * *", "Europe/Berlin").next_after(NOON)
    assert slot is not None
    assert datetime.fromtimestamp(slot, UTC).isoformat() == "2026-10-27T01:30:00+00:00"
