"""Cron in a zone: nominal times on the wall become instants (SEMANTICS, the table of WILD and FIXED).

Within one stretch of a zone the mapping is a subtraction. Only where a stretch begins do the two kinds part:

* WILD takes what the wall shows: nothing in a gap, both passes of an overlap.
* FIXED takes the calendar: what a gap left out falls on the first minute after it, the second pass of an overlap is
  left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.domain.cron_expression import CronExpression
from jobctl.domain.slots import Schedule
from jobctl.domain.wall_clock import LATEST, Stretch, Zone
from jobctl.domain.wall_times import WallTimes

_NEVER = WallTimes(())


class CronSchedule(Schedule):
    """The union of expressions in one zone. Slots are within [0, LATEST)."""

    __slots__ = ("_all", "_fixed", "_wild", "_zone", "wild")

    def __init__(self, expressions: Sequence[CronExpression], zone: Zone) -> None:
        wild = [each for each in expressions if each.wild]
        self._zone = zone
        self._all = WallTimes(expressions)
        self._wild = _part(wild, expressions, self._all)
        self._fixed = _part([each for each in expressions if not each.wild], expressions, self._all)
        # A mixed list counts as FIXED: a wildcard that rests for a while does less harm than a backup done twice.
        self.wild = len(wild) == len(expressions)

    def next_after(self, slot: int) -> int | None:
        at = max(0, slot + 1)
        while at < LATEST:
            stretch = self._zone.stretch_at(at)
            found = self._first_in(stretch, at)
            if found is not None:
                return found if found < LATEST else None
            at = stretch.end
        return None

    def previous_at_or_before(self, slot: int) -> int | None:
        at = min(slot, LATEST - 1)
        while at >= 0:
            stretch = self._zone.stretch_at(at)
            found = self._last_in(stretch, at)
            if found is not None:
                return found if found >= 0 else None
            at = stretch.start - 1
        return None

    def count_between(self, after: int, until: int, limit: int) -> int:
        count = 0
        start, end = max(0, after + 1), min(until + 1, LATEST)
        for stretch in self._zone.stretches(start, end):
            count += self._count_in(stretch, max(start, stretch.start), min(end, stretch.end))
            if count >= limit:
                return limit
        return count

    def _resumes(self, stretch: Stretch) -> int:
        """The local second from which FIXED takes part: after the second pass of an overlap."""
        return stretch.start + max(stretch.offset, stretch.entered_from)

    def _landing(self, stretch: Stretch) -> int | None:
        """The instant on which the times fall that a gap left out, if there are any."""
        skipped = stretch.skipped
        if not skipped or self._fixed.first(skipped.start, skipped.stop) is None:
            return None
        return stretch.first_minute

    def _first_in(self, stretch: Stretch, at: int) -> int | None:
        """The first slot in [at, end of the stretch)."""
        low, resumes = at + stretch.offset, self._resumes(stretch)
        if low < resumes:
            repeated = self._wild.first(low, resumes)
            if repeated is not None:
                return repeated - stretch.offset
        local = self._all.first(max(low, resumes), stretch.end + stretch.offset)
        found = None if local is None else local - stretch.offset
        landing = self._landing(stretch)
        if landing is not None and at <= landing and (found is None or landing < found):
            return landing
        return found

    def _last_in(self, stretch: Stretch, at: int) -> int | None:
        """The last slot in [start of the stretch, at]."""
        high, resumes = at + 1 + stretch.offset, self._resumes(stretch)
        local = self._all.last(resumes, high)
        if local is not None:
            return local - stretch.offset
        landing = self._landing(stretch)
        if landing is not None and landing <= at:
            return landing
        repeated = self._wild.last(stretch.start + stretch.offset, min(high, resumes))
        return None if repeated is None else repeated - stretch.offset

    def _count_in(self, stretch: Stretch, start: int, end: int) -> int:
        """How many slots are in [start, end) of the stretch."""
        low, high, resumes = start + stretch.offset, end + stretch.offset, self._resumes(stretch)
        count = self._wild.count(low, min(high, resumes)) + self._all.count(max(low, resumes), high)
        landing = self._landing(stretch)
        if landing is not None and start <= landing < end:
            nominal = landing + stretch.offset
            count += 1 - self._all.count(nominal, nominal + 1)
        return count


def _part(part: Sequence[CronExpression], expressions: Sequence[CronExpression], whole: WallTimes) -> WallTimes:
    if not part:
        return _NEVER
    return whole if len(part) == len(expressions) else WallTimes(part)
