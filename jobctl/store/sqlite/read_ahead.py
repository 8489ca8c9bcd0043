"""Which runs start next, and when the first of those that wait for an instant is due, read before it is asked: between
two starts that follow each other nothing else has changed."""

from __future__ import annotations

from collections.abc import Callable

from jobctl.store.sqlite.database import Database

AHEAD = 32  # ids: what is not used costs nothing worth mentioning

Closed = tuple[frozenset[int | None], frozenset[int | None]]


class ReadAhead:
    """The ids of the next QUEUED runs, and the next deadline. Good until this connection writes anything but claims and
    ends of attempts, or another one anything at all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed: Closed | None = None
        self._as_of = (0, 0)
        self._ids: list[int] = []
        self._is_all = False
        self._deadline: int | None = None
        self._knows_deadline = False

    def first(self, limit: int, closed: Closed, read: Callable[[int, Closed], list[int]]) -> list[int]:
        """The first `limit` of them; `read` finds so many where they have to be asked for."""
        as_of = self._now()
        if as_of != self._as_of:
            self._knows_deadline = False
        if closed != self._closed or as_of != self._as_of or not (self._is_all or len(self._ids) >= limit):
            wanted = max(limit, AHEAD)
            self._ids = read(wanted, closed)
            self._is_all = len(self._ids) < wanted
            self._closed, self._as_of = closed, as_of
        return self._ids[:limit]

    def deadline(self, read: Callable[[], int | None]) -> int | None:
        """The next deadline; `read` finds it where it has to be asked for."""
        if self._now() != self._as_of:
            return read()
        if not self._knows_deadline:
            self._deadline, self._knows_deadline = read(), True
        return self._deadline

    def claimed(self, run_id: int, writes: int, start_by: int | None) -> None:
        """All that was written since there were `writes` is the claim of this run, which had this deadline."""
        if start_by is not None:
            self._knows_deadline = False
        if run_id in self._ids[:1]:
            del self._ids[0]
            self.unchanged(writes)

    def unchanged(self, writes: int) -> None:
        """Nothing of what was written since there were `writes` concerns runs that wait."""
        if self._as_of[1] == writes:
            self._as_of = (self._as_of[0], self._database.writes)

    def _now(self) -> tuple[int, int]:
        return self._database.data_version(), self._database.writes
