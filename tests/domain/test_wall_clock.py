"""Zones as stretches of even time, against the standard library asked instant by instant."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from jobctl.domain.cron_days import EPOCH_ORDINAL
from jobctl.domain.wall_clock import DAY, zone

HOUR = 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def day_number(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_ORDINAL


def assert_offsets_agree(name: str, start: int, end: int, step: int) -> None:
    info = zoneinfo.ZoneInfo(name)
    where = zone(name)
    for instant in range(start, end, step):
        offset = datetime.fromtimestamp(instant, info).utcoffset()
        assert offset is not None
        assert where.local(instant) - instant == offset.total_seconds(), f"{name} at {instant}"


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/Recife", "Africa/Casablanca", "Asia/Gaza", "Africa/Monrovia"]
)
def test_every_offset_is_known(name: str) -> None:
    assert_offsets_agree(name, 0, at("2040-01-01T00:00Z"), 7 * HOUR)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_offset_of_every_zone_is_known() -> None:
    for name in sorted(zoneinfo.available_timezones()):
        assert_offsets_agree(name, 0, at("2038-01-01T00:00Z"), 6 * HOUR)


def test_stretches_follow_each_other_without_a_hole() -> None:
    stretches = list(zone("Europe/Berlin").stretches(at("2020-01-01T00:00Z"), at("2030-01-01T00:00Z")))
    for before, after in pairwise(stretches):
        assert before.end == after.start
        assert before.offset == after.entered_from
    assert sum(stretch.offset != stretch.entered_from for stretch in stretches) == 20


def test_a_stretch_says_what_it_skips_and_what_it_repeats() -> None:
    berlin = zone("Europe/Berlin")
    spring, autumn = berlin.stretch_at(at("2027-03-28T01:00Z")), berlin.stretch_at(at("2026-10-25T01:00Z"))
    assert spring.start == at("2027-03-28T01:00Z")
    assert spring.skipped == range(at("2027-03-28T02:00Z"), at("2027-03-28T03:00Z"))
    assert not spring.repeated
    assert autumn.repeated == range(at("2026-10-25T02:00Z"), at("2026-10-25T03:00Z"))
    assert not autumn.skipped


@pytest.mark.parametrize(
    ("name", "shown", "instant"),
    [
        ("Europe/Berlin", "2026-12-24T18:00", "2026-12-24T18:00+01:00"),
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T03:00+02:00"),  # skipped: the first minute after
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30+02:00"),  # twice: the first
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T00:00+14:00"),
        ("Pacific/Kiritimati", "1994-12-31T12:00", "1995-01-01T00:00+14:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30+11:00"),
    ],
)
def test_a_time_on_the_wall_is_an_instant(name: str, shown: str, instant: str) -> None:
    local = int(datetime.fromisoformat(shown).replace(tzinfo=UTC).timestamp())
    assert zone(name).instant(local) == at(instant)


def test_a_day_may_be_long_short_absent_or_in_two_pieces() -> None:
    berlin, apia, st_johns = zone("Europe/Berlin"), zone("Pacific/Apia"), zone("America/St_Johns")
    assert lengths(berlin.spans_of_day(day_number("2026-10-25"))) == 25 * HOUR
    assert lengths(berlin.spans_of_day(day_number("2027-03-28"))) == 23 * HOUR
    assert apia.spans_of_day(day_number("2011-12-30")) == []
    first_minute, rest = st_johns.spans_of_day(day_number("2010-11-07"))  # clocks went back at 00:01
    assert first_minute[1] - first_minute[0] == 60
    assert rest[1] - rest[0] == DAY


def lengths(spans: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def test_a_zone_whose_minutes_begin_between_ours_still_begins_its_own() -> None:
    monrovia = zone("Africa/Monrovia").stretch_at(at("1972-01-07T01:00Z"))  # from UTC-00:44:30 to UTC
    assert monrovia.start % 60 == 30
    assert (monrovia.first_minute + monrovia.offset) % 60 == 0
    assert 0 <= monrovia.first_minute - monrovia.start < 60
