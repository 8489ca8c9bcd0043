"""Rows of new runs on their way into the store, many of them with one statement."""

from __future__ import annotations

from collections.abc import Iterable, Set
from itertools import islice
from typing import Any

from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries

_AT_ONCE = 1_000  # enough for speed, little enough for memory


class Staging:
    """A table of this connection alone, empty but for the time of a call."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries("staging")

    def add(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Make the runs, in the order of their ids, but for those whose slot or key a run of their job has: how many
        were made. Inside a transaction."""
        self._database.write(self._sql["make"])
        added, rest = 0, iter(rows)
        while self._database.write_many(self._sql["stage"], islice(rest, _AT_ONCE)):
            added += self._database.write(self._sql["add"])
            self._database.write(self._sql["clear"])
        return added

    def made(self, ids: range) -> Set[int]:
        """Which of the ids have become runs."""
        return {row[0] for row in self._database.each(self._sql["made"], (ids[0], ids[-1]))}
