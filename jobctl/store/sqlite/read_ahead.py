"""Which runs start next, and when the first of those that wait for an instant is due, read before it is asked: between
two starts that follow each other nothing else has changed."""

from collections.abc import Callable
from typing import NamedTuple

from jobctl.store.sqlite.database import Database

AHEAD = 32  # ids: what is not used costs nothing worth mentioning

Closed = tuple[frozenset[int | None], frozenset[int | None]]  # jobs and queues of which nothing may start


class Line(NamedTuple):
    """The first of those that wait, as (job, id), and the closed jobs of which some might have been among them."""

    runs: list[tuple[int, int]]
    passed_by: frozenset[int]


class ReadAhead:
    """The ids of the next QUEUED runs, and the next deadline. Good until this connection writes anything but claims and
    ends of attempts, or another one anything at all. A job that is closed meanwhile is left out; one that was passed by
    and is open now has the line read again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed_queues: frozenset[int | None] | None = None
        self._as_of = (0, 0)
        self._line = Line([], frozenset())
        self._is_all = False
        self._deadline: int | None = None
        self._knows_deadline = False

    def first(self, limit: int, closed: Closed, read: Callable[[int, Closed], Line]) -> list[int]:
        """The first `limit` of them; `read` finds so many where they have to be asked for."""
        as_of = self._now()
        jobs, queues = closed
        if as_of != self._as_of:
            self._knows_deadline = False
        elif queues == self._closed_queues and self._line.passed_by <= jobs:
            found = self._open(jobs, limit)
            if self._is_all or len(found) == limit:
                return found
        wanted = max(limit, AHEAD)
        self._line = read(wanted, closed)
        self._is_all = len(self._line.runs) < wanted
        self._closed_queues, self._as_of = queues, as_of
        return self._open(jobs, limit)

    def _open(self, closed_jobs: frozenset[int | None], limit: int) -> list[int]:
        found = []
        for job, run_id in self._line.runs:
            if job not in closed_jobs:
                found.append(run_id)
                if len(found) == limit:
                    break
        return found

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
        for place, (_, waiting) in enumerate(self._line.runs):
            if waiting == run_id:
                del self._line.runs[place]
                self.unchanged(writes)
                break

    def unchanged(self, writes: int) -> None:
        """Nothing of what was written since there were `writes` concerns runs that wait."""
        if self._as_of[1] == writes:
            self._as_of = (self._as_of[0], self._database.writes)

    def _now(self) -> tuple[int, int]:
        return self._database.data_version(), self._database.writes
