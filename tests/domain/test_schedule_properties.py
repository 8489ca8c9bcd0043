"""What holds for every schedule, zone and instant."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.domain.fixed_slots import Every
from jobctl.domain.job import Triggers
from jobctl.domain.schedule import Schedule, compile_expression, compile_triggers

ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
DAY = 86_400
EVERYTHING = 1 << 60
EXPRESSIONS = (
    "* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *", "0 0 * * *", "15,45 0-3 * * *", "59 23 * * *",
    "*/10 1-2 * * 0", "0 12 L * *", "5 4 1W * *", "0 0 1,15 * 1", "0 3 * * 0#1", "*/20 2 */2 * *", "H H * * *",
)  # fmt: skip

zones = st.sampled_from(ZONES)
instants = st.integers(0, 4_102_444_800)  # to 2100


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any kind of schedule, with or without excluded dates."""
    texts = tuple(draw(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=3, unique=True)))
    every = draw(st.one_of(st.none(), st.integers(1, 100_000)))
    excluded = draw(st.frozensets(st.dates(date(2000, 1, 1), date(2040, 1, 1)).map(str), max_size=3))
    triggers = Triggers(
        schedule=texts if every is None else (), every=every, timezone=draw(zones), calendar_exclude=excluded
    )
    schedule = compile_triggers(triggers, "a job", "UTC")
    assert schedule is not None
    return schedule


@given(schedules(), instants, st.integers(0, 40 * DAY))
@settings(max_examples=150)
def test_all_ways_of_asking_agree_and_slots_strictly_increase(schedule: Schedule, after: int, length: int) -> None:
    until = after + length
    oldest = schedule.slots_between(after, until, 60)
    assert all(a < b for a, b in pairwise([after, *oldest, until + 1]))
    for a, b in pairwise(oldest):
        assert schedule.next_after(a) == b
        assert schedule.next_after(b - 1) == b
        assert schedule.previous_at_or_before(b) == b
        assert schedule.previous_at_or_before(b - 1) == a
    count = schedule.count_between(after, until, EVERYTHING)
    newest = schedule.newest_between(after, until, 60)
    assert len(oldest) == len(newest) == min(count, 60)
    if count <= 60:
        assert newest == oldest
    middle = (after + until) // 2
    parts = (schedule.count_between(after, middle, EVERYTHING), schedule.count_between(middle, until, EVERYTHING))
    assert sum(parts) == count


def instants_of_date(zone: zoneinfo.ZoneInfo, day: date, hour: int, minute: int) -> set[int]:
    """All instants at which the wall of a zone shows a time of day, found by trying every offset near that day."""
    naive = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
    offsets = {(naive + timedelta(hours=shift)).astimezone(zone).utcoffset() for shift in range(-30, 31, 2)}
    found = set()
    for offset in offsets:
        assert offset is not None
        moment = naive - offset
        if moment.astimezone(zone).replace(tzinfo=UTC) == naive:
            found.add(int(moment.timestamp()))
    return found


@given(zones, st.dates(date(1970, 1, 5), date(2099, 11, 1)), st.integers(0, 23), st.integers(0, 59))
@settings(max_examples=300)
def test_a_fixed_time_of_day_has_exactly_one_slot_per_local_date(zone: str, day: date, hour: int, minute: int) -> None:
    where = zoneinfo.ZoneInfo(zone)
    schedule = compile_expression(f"{minute} {hour} * * *", zone)
    for number in range(30):
        today = day + timedelta(days=number)
        shown = instants_of_date(where, today, hour, minute)
        if shown:
            assert schedule.next_after(min(shown) - 1) == min(shown)
            assert all(schedule.previous_at_or_before(slot) != slot for slot in shown - {min(shown)})
        else:
            assert slots_on_skipped_date(schedule, where, today, hour, minute) == 1
    first = min(instants_of_date(where, day, 12, 0), default=None)
    last = min(instants_of_date(where, day + timedelta(days=29), 12, 0), default=None)
    if first is not None and last is not None and zone not in WHOLE_DAY_SKIPPED:
        assert schedule.count_between(first, last, EVERYTHING) == 29


WHOLE_DAY_SKIPPED = {
    "Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", "Kwajalein", "Pacific/Kiritimati", "Pacific/Enderbury",
    "Pacific/Kanton",
}  # fmt: skip


def slots_on_skipped_date(schedule: Schedule, zone: zoneinfo.ZoneInfo, day: date, hour: int, minute: int) -> int:
    """How many slots stand for a time that the wall left out: on the first minute that shows a later time."""
    nominal = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
    around = int(nominal.timestamp()) // 60 * 60
    for instant in range(around - 30 * 3600, around + 30 * 3600, 30):
        shown = datetime.fromtimestamp(instant, zone).replace(tzinfo=UTC)
        before = datetime.fromtimestamp(instant - 60, zone).replace(tzinfo=UTC)
        if before < nominal < shown and shown.second == 0:
            return len(schedule.slots_between(instant - 1, instant, 10))
    return 0


@given(st.integers(1, 5_000), instants, st.integers(0, 20_000))
@settings(max_examples=100)
def test_the_slots_of_an_interval_are_all_multiples_of_it(seconds: int, after: int, length: int) -> None:
    every = Every(seconds)
    multiples = [instant for instant in range(after + 1, after + length + 1) if instant % seconds == 0]
    assert every.slots_between(after, after + length, EVERYTHING) == multiples
    assert every.newest_between(after, after + length, EVERYTHING) == multiples
    assert every.count_between(after, after + length, EVERYTHING) == len(multiples)
