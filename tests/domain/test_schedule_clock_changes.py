"""Changes of the clock, as a table: what a schedule yields where a zone skips or repeats local time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from jobctl.domain.schedule import compile_expression


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


# zone, expression, from, until, the slots in local time with their offset
CASES = [
    # Berlin, spring: 02:00 -> 03:00 on 2027-03-28
    ("Europe/Berlin", "30 2 * * *", "2027-03-27T12:00Z", "2027-03-29T12:00Z",
     ["2027-03-28T03:00+02:00", "2027-03-29T02:30+02:00"]),
    ("Europe/Berlin", "0,30 2 * * *", "2027-03-28T00:00Z", "2027-03-28T12:00Z", ["2027-03-28T03:00+02:00"]),
    ("Europe/Berlin", "30 2,3 * * *", "2027-03-28T00:00Z", "2027-03-28T12:00Z",
     ["2027-03-28T03:00+02:00", "2027-03-28T03:30+02:00"]),
    ("Europe/Berlin", "0 2,3 * * *", "2027-03-28T00:00Z", "2027-03-28T12:00Z", ["2027-03-28T03:00+02:00"]),
    ("Europe/Berlin", "30 * * * *", "2027-03-28T00:00Z", "2027-03-28T03:00Z",
     ["2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00", "2027-03-28T04:30+02:00"]),
    ("Europe/Berlin", "*/30 2 * * *", "2027-03-28T00:00Z", "2027-03-28T12:00Z", []),
    # Berlin, autumn: 03:00 -> 02:00 on 2026-10-25
    ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", "2026-10-26T12:00Z",
     ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
    ("Europe/Berlin", "*/30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z",
     ["2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00"]),
    ("Europe/Berlin", "0 * * * *", "2026-10-24T23:30Z", "2026-10-25T02:30Z",
     ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]),
    ("Europe/Berlin", "0 2,3 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z",
     ["2026-10-25T02:00+02:00", "2026-10-25T03:00+01:00"]),
    # Lord Howe: half an hour, 02:00 -> 02:30 on 2026-10-04 and 02:00 -> 01:30 on 2026-04-05
    ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", "2026-10-04T00:00Z", ["2026-10-04T02:30+11:00"]),
    ("Australia/Lord_Howe", "0-59/15 2 * * *", "2026-10-03T00:00Z", "2026-10-04T00:00Z",
     ["2026-10-04T02:30+11:00", "2026-10-04T02:45+11:00"]),
    ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", "2026-04-05T00:00Z", ["2026-04-05T01:45+11:00"]),
    ("Australia/Lord_Howe", "45 * * * *", "2026-04-04T14:00Z", "2026-04-04T16:30Z",
     ["2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30", "2026-04-05T02:45+10:30"]),
    # Cairo: midnight itself is skipped, 00:00 -> 01:00 on 2026-04-24, and 24:00 -> 23:00 on 2026-10-29
    ("Africa/Cairo", "0 0 * * *", "2026-04-23T12:00Z", "2026-04-25T12:00Z",
     ["2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"]),
    ("Africa/Cairo", "30 23 * * *", "2026-10-29T12:00Z", "2026-10-30T12:00Z", ["2026-10-29T23:30+03:00"]),
    ("Africa/Cairo", "0 0 * * *", "2026-10-29T12:00Z", "2026-10-31T12:00Z",
     ["2026-10-30T00:00+02:00", "2026-10-31T00:00+02:00"]),
    ("Africa/Cairo", "30 * * * *", "2026-10-29T20:00Z", "2026-10-29T22:45Z",
     ["2026-10-29T23:30+03:00", "2026-10-29T23:30+02:00", "2026-10-30T00:30+02:00"]),
    # Nuuk: an hour before midnight, 23:00 -> 24:00 on 2026-03-28, and midnight -> 23:00 the day before on 2026-10-24
    ("America/Nuuk", "30 23 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["2026-03-29T00:00-01:00"]),
    ("America/Nuuk", "30 23 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z", ["2026-10-24T23:30-01:00"]),
    ("America/Nuuk", "0 0 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z", ["2026-10-25T00:00-02:00"]),
    # Apia left out the whole of 2011-12-30
    ("Pacific/Apia", "0 3 * * *", "2011-12-29T00:00Z", "2012-01-01T00:00Z",
     ["2011-12-29T03:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T03:00+14:00", "2012-01-01T03:00+14:00"]),
    ("Pacific/Apia", "0 0 * * *", "2011-12-29T20:00Z", "2011-12-31T20:00Z",
     ["2011-12-31T00:00+14:00", "2012-01-01T00:00+14:00"]),
    ("Pacific/Apia", "0 */6 * * *", "2011-12-30T00:00Z", "2011-12-30T20:00Z",
     ["2011-12-29T18:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T06:00+14:00"]),
    # Chatham: a zone of quarter hours, 02:45 -> 03:45 on 2026-09-27 and 03:45 -> 02:45 on 2026-04-05
    ("Pacific/Chatham", "0 3 * * *", "2026-09-26T00:00Z", "2026-09-27T00:00Z", ["2026-09-27T03:45+13:45"]),
    ("Pacific/Chatham", "0 3 * * *", "2026-04-04T00:00Z", "2026-04-05T00:00Z", ["2026-04-05T03:00+13:45"]),
    ("Pacific/Chatham", "0 * * * *", "2026-04-04T13:00Z", "2026-04-04T15:30Z",
     ["2026-04-05T03:00+13:45", "2026-04-05T03:00+12:45", "2026-04-05T04:00+12:45"]),
    # St. John's until 2011: one minute past midnight, back into the day before
    ("America/St_Johns", "30 23 * * *", "2010-11-06T12:00Z", "2010-11-08T12:00Z",
     ["2010-11-06T23:30-02:30", "2010-11-07T23:30-03:30"]),
    ("America/St_Johns", "0 0 * * *", "2010-11-06T12:00Z", "2010-11-08T12:00Z",
     ["2010-11-07T00:00-02:30", "2010-11-08T00:00-03:30"]),
    # Troll: two hours
    ("Antarctica/Troll", "30 1,2 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["2026-03-29T03:00+02:00"]),
    # Casablanca: put back for a month, not for a winter
    ("Africa/Casablanca", "30 2 * * *", "2026-02-14T12:00Z", "2026-02-15T12:00Z", ["2026-02-15T02:30+01:00"]),
    ("Africa/Casablanca", "30 2 * * *", "2026-03-21T12:00Z", "2026-03-22T12:00Z", ["2026-03-22T03:00+01:00"]),
    # Recife had summer time for one week, from 2000-10-08 to 2000-10-15
    ("America/Recife", "30 0 * * *", "2000-10-07T12:00Z", "2000-10-09T12:00Z",
     ["2000-10-08T01:00-02:00", "2000-10-09T00:30-02:00"]),
    # Pyongyang: no summer time, the zone itself moved by half an hour, 23:30 -> 24:00 on 2018-05-04
    ("Asia/Pyongyang", "45 23 * * *", "2018-05-04T12:00Z", "2018-05-05T12:00Z", ["2018-05-05T00:00+09:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "text", "after", "until", "expected"), CASES)
def test_slots_around_a_change_of_the_clock(zone: str, text: str, after: str, until: str, expected: list[str]) -> None:
    slots = [at(slot) for slot in expected]
    assert [datetime.fromtimestamp(slot, ZoneInfo(zone)).isoformat(timespec="minutes") for slot in slots] == expected
    schedule = compile_expression(text, zone)
    assert schedule.slots_between(at(after), at(until), 100) == slots
    assert schedule.newest_between(at(after), at(until), 100) == slots
    assert schedule.count_between(at(after), at(until), 100) == len(slots)
