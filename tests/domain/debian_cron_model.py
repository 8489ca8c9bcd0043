"""Debian's cron, minute by minute: an oracle that shares nothing with jobctl.

It follows the behaviour of the main loop and of `find_jobs` in Debian's cron 3.0pl1: a virtual clock in local minutes
is compared with the wall at each minute, and the difference decides what runs:

* one minute: everything that matches;
* up to five minutes ahead: everything, for each minute in between;
* up to three hours ahead (clocks put forward): wildcard jobs for the minute on the wall, the others for each minute
  since the virtual clock, which catches up;
* up to three hours back: wildcard jobs only, and the virtual clock waits;
* more: the virtual clock is set to the wall.

A job that is added twice within one real minute runs once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
SMALL, MEDIUM = 5, 180


@dataclass(frozen=True)
class Entry:
    """One line of a crontab: the sets of its fields, and which of them begin with a star."""

    minutes: frozenset[int]
    hours: frozenset[int]
    dates: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    wild: bool
    day_star: bool


@dataclass(frozen=True)
class Minute:
    """A minute of the wall, taken apart."""

    minute: int
    hour: int
    date: int
    month: int
    weekday: int


def read_entry(line: str) -> Entry:
    """The entry of five fields, in the grammar of crontab(5)."""
    minute, hour, date, month, weekday = line.lower().split()
    days = _elements(weekday, 0, 7, WEEKDAYS, 0)
    return Entry(
        _elements(minute, 0, 59, [], 0),
        _elements(hour, 0, 23, [], 0),
        _elements(date, 1, 31, [], 0),
        _elements(month, 1, 12, MONTHS, 1),
        frozenset(day % 7 for day in days),
        wild=minute[0] == "*" or hour[0] == "*",
        day_star=date[0] == "*" or weekday[0] == "*",
    )


def _elements(text: str, low: int, high: int, names: list[str], base: int) -> frozenset[int]:
    numbers: set[int] = set()
    for element in text.split(","):
        span, _, step = element.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = _number(first, names, base)
            end = _number(last, names, base) if last else begin
        numbers.update(range(begin, end + 1, int(step or 1)))
    return frozenset(numbers)


def _number(text: str, names: list[str], base: int) -> int:
    return names.index(text) + base if text in names else int(text)


class Wall:
    """What a zone's wall shows at each minute of a window of real minutes."""

    def __init__(self, zone: str, first: int, last: int) -> None:
        """From minute `first` to `last`, both included, in minutes since the epoch."""
        self.first = first
        self.shown = [minute + _offset_minutes(zone, minute) for minute in range(first, last + 1)]


def _offset_minutes(zone: str, minute: int) -> int:
    offset = datetime.fromtimestamp(minute * 60, _zone(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def taken_apart(local_minute: int) -> Minute:
    moment = datetime.fromtimestamp(local_minute * 60, UTC)
    return Minute(moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)


def runs(entry: Entry, wall: Wall) -> list[int]:
    """The real minutes, since the epoch, at which the entry runs; the window's first minute only sets the clock."""
    started: list[int] = []
    virtual = wall.shown[0]
    for index, shown in enumerate(wall.shown[1:], 1):
        difference = shown - virtual
        due = False
        if difference == 1:
            virtual = shown
            due = _matches(entry, virtual)
        elif 0 < difference <= SMALL:
            due = _catches_up(entry, virtual, shown)
            virtual = shown
        elif SMALL < difference <= MEDIUM:
            due = (entry.wild and _matches(entry, shown)) or (not entry.wild and _catches_up(entry, virtual, shown))
            virtual = shown
        elif -MEDIUM < difference <= 0:
            due = entry.wild and _matches(entry, shown)
        else:
            virtual = shown
            due = _matches(entry, virtual)
        if due:
            started.append(wall.first + index)
    return started


def _catches_up(entry: Entry, virtual: int, shown: int) -> bool:
    return any(_matches(entry, minute) for minute in range(virtual + 1, shown + 1))


def _matches(entry: Entry, local_minute: int) -> bool:
    now = taken_apart(local_minute)
    if now.minute not in entry.minutes or now.hour not in entry.hours or now.month not in entry.months:
        return False
    by_date, by_weekday = now.date in entry.dates, now.weekday in entry.weekdays
    return (by_date and by_weekday) if entry.day_star else (by_date or by_weekday)


def changes(zone: str, first_year: int, last_year: int) -> Sequence[int]:
    """The minutes at which the zone's clock was set, from the beginning of one year to the end of another."""
    found = []
    day = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp()) // 60
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp()) // 60
    before = _offset_minutes(zone, day)
    while day < end:
        after = _offset_minutes(zone, day + 1440)
        if after != before:
            low, high = day, day + 1440
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset_minutes(zone, middle) != before else (middle, high)
            found.append(high)
        day, before = day + 1440, after
    return found
