"""Which runs start next, read a few at a time: between two starts that follow each other nothing else has changed."""

from __future__ import annotations

from collections.abc import Callable

from jobctl.store.sqlite.database import Database

AHEAD = 32  # ids: what is not used costs nothing worth mentioning

Closed = tuple[frozenset[int | None], frozenset[int | None]]


class ReadAhead:
    """The ids of the next QUEUED runs. Good until this connection writes anything but claims and ends of attempts, or
    another one anything at all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed: Closed | None = None
        self._as_of = (0, 0)
        self._ids: list[int] = []
        self._is_all = False

    def first(self, limit: int, closed: Closed, read: Callable[[int, Closed], list[int]]) -> list[int]:
        """The first `limit` of them; `read` finds so many where they have to be asked for."""
        as_of = (self._database.data_version(), self._database.writes)
        if closed != self._closed or as_of != self._as_of or not (self._is_all or len(self._ids) >= limit):
            wanted = max(limit, AHEAD)
            self._ids = read(wanted, closed)
            self._is_all = len(self._ids) < wanted
            self._closed, self._as_of = closed, as_of
        return self._ids[:limit]

    def claimed(self, run_id: int, writes: int) -> None:
        """All that was written since there were `writes` is the claim of this run."""
        if run_id in self._ids[:1]:
            del self._ids[0]
            self.unchanged(writes)

    def unchanged(self, writes: int) -> None:
        """Nothing of what was written since there were `writes` concerns runs that wait."""
        if self._as_of[1] == writes:
            self._as_of = (self._as_of[0], self._database.writes)
