"""The nominal times of one or more cron expressions on the wall, before any zone has its say.

Everything is in local seconds (see `wall_clock`), in half-open ranges [low, high).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from jobctl.domain.cron_days import DayRule
from jobctl.domain.cron_expression import CronExpression
from jobctl.domain.wall_clock import DAY, LATEST

_WALKED = 2_000  # a rule of days repeats its shortest distance long before


class WallTimes:
    """The union of the expressions' nominal minutes. Immutable but for memos."""

    __slots__ = ("_merged", "_rules")

    def __init__(self, expressions: Sequence[CronExpression]) -> None:
        self._rules: list[tuple[DayRule, tuple[int, ...]]] = [(each.days, each.times) for each in expressions]
        self._merged: dict[frozenset[tuple[int, ...]], tuple[int, ...]] = {}

    def first(self, low: int, high: int) -> int | None:
        """The first nominal time in [low, high)."""
        day, second = divmod(low, DAY)
        end = -(-high // DAY)
        while (found := self._next_day(day, end)) is not None:
            times = self._times_on(found)
            index = bisect_left(times, second) if found == day else 0
            if index < len(times):
                time = found * DAY + times[index]
                return time if time < high else None
            day, second = found + 1, 0
        return None

    def last(self, low: int, high: int) -> int | None:
        """The last nominal time in [low, high)."""
        day, second = divmod(high, DAY)
        start = low // DAY
        while (found := self._previous_day(day, start)) is not None:
            times = self._times_on(found)
            index = bisect_left(times, second) if found == day else len(times)
            if index:
                time = found * DAY + times[index - 1]
                return time if time >= low else None
            day, second = found - 1, DAY
        return None

    def count(self, low: int, high: int) -> int:
        """How many nominal times are in [low, high)."""
        if low >= high:
            return 0
        first_day, from_second = divmod(low, DAY)
        last_day, to_second = divmod(high, DAY)
        whole = sum(len(self._times_on(day)) for day in range(first_day, last_day))
        before = bisect_left(self._times_on(first_day), from_second)
        return whole - before + bisect_left(self._times_on(last_day), to_second)

    def shortest_period(self, enough: int) -> int:
        """The least number of seconds between two nominal times; any answer >= `enough` means at least so many."""
        times = sorted({time for _, rule_times in self._rules for time in rule_times})
        if (bound := min(b - a for a, b in pairwise([*times, times[0] + DAY]))) >= enough:
            return bound
        walked: list[int] = []
        local: int | None = 0
        while local is not None and len(walked) < _WALKED:
            local = self.first(local, LATEST)
            if local is not None:
                walked.append(local)
                local += 1
        return min((b - a for a, b in pairwise(walked)), default=LATEST)

    def _next_day(self, day: int, end: int) -> int | None:
        if len(self._rules) == 1:
            return self._rules[0][0].next_day(day, end)
        days = [found for rule, _ in self._rules if (found := rule.next_day(day, end)) is not None]
        return min(days, default=None)

    def _previous_day(self, day: int, start: int) -> int | None:
        if len(self._rules) == 1:
            return self._rules[0][0].previous_day(day, start)
        days = [found for rule, _ in self._rules if (found := rule.previous_day(day, start)) is not None]
        return max(days, default=None)

    def _times_on(self, day: int) -> tuple[int, ...]:
        if len(self._rules) == 1:
            rule, times = self._rules[0]
            return times if rule.matches(day) else ()
        parts = frozenset(times for rule, times in self._rules if rule.matches(day))
        merged = self._merged.get(parts)
        if merged is None:
            merged = self._merged[parts] = tuple(sorted({time for times in parts for time in times}))
        return merged
