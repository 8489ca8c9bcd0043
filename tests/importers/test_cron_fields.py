"""Fields of crontab lines: what Debian's cron makes of them, jobctl makes of what is written instead."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jobctl.domain.schedule import compile_expression
from jobctl.importers.cron_fields import read_fields
from jobctl.importers.findings import CannotKeep, Fate, Remark
from tests.domain import debian_cron_model as model


def fields(**given: str) -> list[str]:
    names = ("minute", "hour", "date", "month", "weekday")
    return [given.get(name, "*") for name in names]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (fields(minute="5-5"), "5 * * * *"),
        (fields(minute="5/10"), "5 * * * *"),
        (fields(minute="10-20/30"), "10 * * * *"),
        (fields(hour="22-2,4"), "* 4 * * *"),
        (fields(minute="50-10,*/5"), "0-59/5 * * * *"),
        (fields(weekday="mon-sun,6"), "* * * * 6"),
        (fields(date="*/31"), "* * 1 * *"),
        (fields(minute="*/60"), "0 * * * *"),
        (fields(minute="~", hour="1~5"), "H H(1-5) * * *"),
        (fields(minute="*/7", month="JAN", weekday="sun-fri"), "*/7 * * JAN sun-fri"),
    ],
)
def test_a_field_is_written_as_debians_cron_means_it(written: list[str], read: str) -> None:
    assert read_fields(written)[0] == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (fields(hour="22-2"), 'hour "22-2" runs backwards: cron takes it and never fires'),
        (fields(weekday="fri-sun"), 'day of week "fri-sun" runs backwards: cron takes it and never fires'),
        (fields(date="30", month="2"), "names dates that never come: cron takes it and never fires"),
        (fields(minute="60"), 'minute "60" is outside 0 to 59: cron refuses the line'),
        (fields(minute="*/0"), "has a step of 0"),
        (fields(date="L"), 'day of month "L" is outside'),
        (fields(weekday="1#1"), "is nothing that cron understands"),
        (fields(minute="H"), 'minute "H" is outside'),
        (fields(date="*/31", weekday="1"), "means both at once"),
    ],
)
def test_what_never_fires_or_is_no_cron_says_so(written: list[str], reason: str) -> None:
    with pytest.raises(CannotKeep) as refusal:
        read_fields(written)
    assert reason in str(refusal.value)


def test_both_day_fields_are_told() -> None:
    told = {
        said: read_fields(fields(date=date, weekday="1"))[1][0].message for said, date in (("or", "1"), ("and", "*/2"))
    }
    assert "either may match" in told["or"]
    assert "both must match" in told["and"]


def elements(low: int, high: int, names: list[str]) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str) | (st.sampled_from(names) if names else st.nothing())
    step = st.integers(1, high + 5).map(lambda count: f"/{count}") | st.just("")
    spans = st.just("*") | number | st.tuples(number, number).map("-".join)
    return st.lists(st.tuples(spans, step).map("".join), min_size=1, max_size=3).map(",".join)


STAR = st.just("*")
LINES = st.tuples(
    elements(0, 59, []), elements(0, 23, []), STAR | elements(1, 31, []), STAR | elements(1, 12, model.MONTHS),
    STAR | elements(0, 7, model.WEEKDAYS),
)  # fmt: skip
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
DAY = 1440


def read_or_reason(line: tuple[str, ...]) -> tuple[str, list[Remark]] | str:
    try:
        return read_fields(list(line))
    except CannotKeep as reason:
        return str(reason)


@settings(max_examples=60)
@given(LINES, st.sampled_from(ZONES), st.integers(0, 700))
def test_the_slots_are_those_of_debians_cron(line: tuple[str, ...], zone: str, day: int) -> None:
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) // 60 + day * DAY
    last = first + 2 * DAY
    entry = model.read_entry(" ".join(line))
    read = read_or_reason(line)
    if isinstance(read, str):
        empty = not all((entry.minutes, entry.hours, entry.dates, entry.months, entry.weekdays))
        assert empty or "names dates that never come" in read or "means both at once" in read
        return
    expression, remarks = read
    if any(remark.fate is Fate.CHANGED for remark in remarks):  # a wildcard that became a time of day
        around = [datetime.fromtimestamp(60 * at, zoneinfo.ZoneInfo(zone)) for at in (first - DAY, last + DAY)]
        assume(around[0].utcoffset() == around[1].utcoffset())
    wall = model.Wall(zone, first, last)
    slots = compile_expression(expression, zone).slots_between(60 * first, 60 * last, 10_000)
    assert slots == [60 * minute for minute in model.runs(entry, wall)]
