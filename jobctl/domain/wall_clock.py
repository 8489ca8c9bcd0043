"""Zones: how the clock on a wall follows UTC, as stretches over which it runs evenly.

A local second is the number of seconds that the wall shows since 1970-01-01 00:00 on the wall: UTC plus the zone's
offset. Nothing here compares or adds local datetimes, which go wrong wherever a clock is put back.
"""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from jobctl.domain.schedule_problem import ScheduleProblem

DAY = 86_400
LATEST = 7_289_654_400  # 2201-01-01T00:00:00Z: nothing is looked for beyond
_BLOCK_BITS = 25  # zones are explored in blocks of 388 days
_PROBE = DAY  # no zone since 1970 put its clock back to where it was within a day; Recife did within a week


@dataclass(frozen=True, slots=True)
class Stretch:
    """UTC seconds [start, end) during which local = UTC + `offset`; `entered_from` is the offset just before."""

    start: int
    end: int
    offset: int
    entered_from: int

    @property
    def skipped(self) -> range:
        """The local seconds that the wall left out when the stretch began."""
        return range(self.start + self.entered_from, self.start + self.offset)

    @property
    def repeated(self) -> range:
        """The local seconds that the wall shows for the second time as the stretch begins."""
        return range(self.start + self.offset, self.start + self.entered_from)

    @property
    def first_minute(self) -> int:
        """The first instant of the stretch at which a minute begins on the wall."""
        return self.start + -(self.start + self.offset) % 60


class Zone:
    """One zone of the tz database. Immutable but for a memo of the stretches already explored."""

    __slots__ = ("_blocks", "_info", "name")

    def __init__(self, name: str, info: ZoneInfo) -> None:
        self.name = name
        self._info = info
        self._blocks: dict[int, tuple[list[int], list[Stretch]]] = {}

    def stretch_at(self, instant: int) -> Stretch:
        """The stretch that holds an instant. Long ones are cut; a cut has `entered_from == offset`."""
        key = instant >> _BLOCK_BITS
        block = self._blocks.get(key)
        if block is None:
            stretches = list(self._explore(key << _BLOCK_BITS, (key + 1) << _BLOCK_BITS))
            block = self._blocks[key] = [stretch.start for stretch in stretches], stretches
        return block[1][bisect_right(block[0], instant) - 1]

    def stretches(self, start: int, end: int) -> Iterator[Stretch]:
        """All stretches that meet [start, end), in order."""
        while start < end:
            stretch = self.stretch_at(start)
            yield stretch
            start = stretch.end

    def local(self, instant: int) -> int:
        """What the wall shows at an instant, in local seconds."""
        return instant + self.stretch_at(instant).offset

    def instant(self, local: int) -> int:
        """When the wall shows `local`: the first of two times, or the first minute after a gap that left it out."""
        for stretch in self.stretches(local - DAY - 1, local + DAY + 1):
            if local in stretch.skipped:
                return stretch.first_minute
            if stretch.start + stretch.offset <= local < stretch.end + stretch.offset:
                return local - stretch.offset
        raise AssertionError(f"no zone is more than a day from UTC: {self.name}")

    def spans_of_day(self, day: int) -> list[tuple[int, int]]:
        """The UTC spans [start, end) during which the wall shows day number `day` (1970-01-01 is 0)."""
        low, high = day * DAY, (day + 1) * DAY
        spans = []
        for stretch in self.stretches(max(low - DAY, 0), min(high + DAY, LATEST)):
            start, end = max(stretch.start, low - stretch.offset), min(stretch.end, high - stretch.offset)
            if start < end:
                spans.append((start, end))
        return spans

    def _offset(self, instant: int) -> int:
        shown = datetime.fromtimestamp(instant, self._info).utcoffset()
        assert shown is not None
        return shown.days * DAY + shown.seconds

    def _explore(self, start: int, end: int) -> Iterator[Stretch]:
        entered_from = self._offset(start - 1)
        begin, offset = start, self._offset(start)
        for change, after in self._changes(start, end):
            yield Stretch(begin, change, offset, entered_from)
            begin, entered_from, offset = change, offset, after
        yield Stretch(begin, end, offset, entered_from)

    def _changes(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        left, left_offset = start, self._offset(start)
        while left < end - 1:
            right = min(left + _PROBE, end - 1)
            right_offset = self._offset(right)
            yield from self._changes_within(left, left_offset, right, right_offset)
            left, left_offset = right, right_offset

    def _changes_within(self, left: int, before: int, right: int, after: int) -> Iterator[tuple[int, int]]:
        if before == after:
            return
        if right - left == 1:
            yield right, after
            return
        middle = (left + right) // 2
        offset = self._offset(middle)
        yield from self._changes_within(left, before, middle, offset)
        yield from self._changes_within(middle, offset, right, after)


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone:
    """The zone of a name of the tz database, shared. ScheduleProblem with the nearest name when there is none."""
    try:
        return Zone(name, ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(name, available_timezones(), 1)
        hint = f'did you mean "{near[0]}"?' if near else 'write a name such as "Europe/Berlin" or "UTC"'
        raise ScheduleProblem(f'there is no time zone "{name}"', hint) from None
