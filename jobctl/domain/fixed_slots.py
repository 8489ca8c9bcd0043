"""Slots that need no calendar (an interval, one instant), and slots without certain dates."""

from __future__ import annotations

from bisect import bisect_right

from jobctl.domain.slots import Schedule
from jobctl.domain.wall_clock import LATEST


class Every(Schedule):
    """Slots at k * `seconds` since the epoch: neither a restart nor a zone's clock ever shifts them."""

    __slots__ = ("seconds",)
    wild = True

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def next_after(self, slot: int) -> int | None:
        found = (max(slot, -1) // self.seconds + 1) * self.seconds
        return found if found < LATEST else None

    def previous_at_or_before(self, slot: int) -> int | None:
        found = min(slot, LATEST - 1) // self.seconds * self.seconds
        return found if found >= 0 else None

    def count_between(self, after: int, until: int, limit: int) -> int:
        before = max(after, -1) // self.seconds
        return max(0, min(limit, min(until, LATEST - 1) // self.seconds - before))


class Once(Schedule):
    """A single slot."""

    __slots__ = ("slot",)
    wild = False

    def __init__(self, slot: int) -> None:
        self.slot = slot

    def next_after(self, slot: int) -> int | None:
        return self.slot if slot < self.slot else None

    def previous_at_or_before(self, slot: int) -> int | None:
        return self.slot if self.slot <= slot else None

    def count_between(self, after: int, until: int, limit: int) -> int:
        return min(limit, 1) if after < self.slot <= until else 0


class Excluding(Schedule):
    """The slots of another schedule outside the given UTC spans [start, end), which ascend and do not overlap."""

    __slots__ = ("_ends", "_inner", "_starts", "wild")

    def __init__(self, inner: Schedule, spans: tuple[tuple[int, int], ...]) -> None:
        self._inner = inner
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self.wild = inner.wild

    def next_after(self, slot: int) -> int | None:
        found = self._inner.next_after(slot)
        while found is not None and (span := self._span_of(found)) is not None:
            found = self._inner.next_after(span[1] - 1)
        return found

    def previous_at_or_before(self, slot: int) -> int | None:
        found = self._inner.previous_at_or_before(slot)
        while found is not None and (span := self._span_of(found)) is not None:
            found = self._inner.previous_at_or_before(span[0] - 1)
        return found

    def count_between(self, after: int, until: int, limit: int) -> int:
        everything = max(0, until - after)  # no schedule has more than one slot a second
        count = self._inner.count_between(after, until, everything)
        for start, end in zip(self._starts, self._ends, strict=True):
            low, high = max(after, start - 1), min(until, end - 1)
            if low < high:
                count -= self._inner.count_between(low, high, everything)
        return min(limit, count)

    def _span_of(self, slot: int) -> tuple[int, int] | None:
        index = bisect_right(self._starts, slot) - 1
        if index < 0 or slot >= self._ends[index]:
            return None
        return self._starts[index], self._ends[index]
