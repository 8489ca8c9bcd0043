"""Ids for new runs: rising within a process, and free in the store."""

from __future__ import annotations

import os

from jobctl.domain.run_id import made_at, make
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries

SMALL_STEP_MS = 60_000  # a clock put back by less does not make ids fall; by more, ids follow the clock


class RunNumbers:
    """Hands out blocks of ids. Inside a transaction that holds the write lock, so nobody else takes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = 0

    def take(self, now: int, count: int) -> range:
        """`count` ids in a row, above all that this process took before, none of them in use."""
        first = make(now, int.from_bytes(os.urandom(3), "big"))
        if first <= self._last and made_at(self._last) - now < SMALL_STEP_MS:
            first = self._last + 1
        while (taken := self._last_taken(first, first + count)) is not None:
            first = taken + 1
        self._last = first + count - 1
        return range(first, first + count)

    def _last_taken(self, low: int, high: int) -> int | None:
        row = self._database.one(queries("runs")["last_taken"], (low, high))
        return row[0] if row else None
