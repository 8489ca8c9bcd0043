"""Adds the runs that ended to the tallies that `stats` reads, a few at a time."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings

_AT_ONCE = 200  # 2 to 10 ms of a tick, as they are of few jobs or of many
_REST_MS = 5_000
_REST_WITH_MORE_MS = 100
_TIDY_AT_ONCE = 10  # jobs, 2 ms, once in five seconds: it is in no hurry, and the first end of a day may be one of many


class Statistician(QuietStep):
    """Works after starts and ends have had their turn, and sleeps while nothing ends."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._rest_until = 0
        self._look_at: int | None = None
        self._to_tidy: list[str] = []
        self._tidied_on = 0

    def tick(self, now: int) -> None:
        if 0 < self._rest_until - now <= _REST_MS:  # a longer rest means that the clock was set back
            self._look_at = self.sleeps_until = self._rest_until
            return
        folded = self._store.statistics.fold(_AT_ONCE)
        if folded or self._to_tidy:
            self._tidy(now)
        rest = _REST_WITH_MORE_MS if folded == _AT_ONCE else _REST_MS
        self._rest_until = self.sleeps_until = now + rest
        self._look_at = self._rest_until if folded == _AT_ONCE or self._to_tidy else None

    def rolled_back(self) -> None:
        self._rest_until = 0

    def next_at(self) -> int | None:
        return self._look_at

    def _tidy(self, now: int) -> None:
        """Once a day, a few jobs at a time, let go of tallies that are too old."""
        day = now // 86_400_000
        if day != self._tidied_on:
            self._tidied_on = day
            self._to_tidy = self._store.jobs.names()
        for _ in range(min(_TIDY_AT_ONCE, len(self._to_tidy))):
            self._store.statistics.forget(self._to_tidy.pop(), now)
