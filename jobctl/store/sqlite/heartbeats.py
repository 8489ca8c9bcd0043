"""Heartbeats, in SQLite."""

from __future__ import annotations

from jobctl.domain.heartbeat import Failing, Ping, PingKind
from jobctl.domain.run import Status
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.reader import Row

_OF_DAEMON = 0  # no job has this number


class SqliteHeartbeatStore:
    """HeartbeatStore. Pings are put there by triggers."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("heartbeats")

    def waiting(self, limit: int) -> list[Ping]:
        return [_ping_of(row) for row in self._database.all(self._sql["waiting"], (limit,))]

    def of_run(self, run_id: int) -> list[Ping]:
        return [_ping_of(row) for row in self._database.all(self._sql["of_run"], (run_id,))]

    def done(self, ping_id: int) -> None:
        with self._database:
            self._database.write(self._sql["done"], (ping_id,))

    def put_off(self, ping_id: int, due_at: int) -> None:
        with self._database:
            self._database.write(self._sql["put_off"], (due_at, ping_id))

    def works(self, job: str | None) -> bool:
        with self._database:
            return bool(self._database.write(self._sql["works"], (self._number(job),)))

    def fails(self, job: str | None, error: str, now: int) -> None:
        with self._database:
            self._database.write(self._sql["fails"], (self._number(job), now, error))

    def failing(self) -> list[Failing]:
        return [Failing(*row) for row in self._database.all(self._sql["failing"])]

    def _number(self, job: str | None) -> int:
        return _OF_DAEMON if job is None else self._catalog.job_made(job)


def _ping_of(row: Row) -> Ping:
    number, job, run_id, kind, status, *rest = row
    return Ping(number, job, run_id, PingKind(kind), None if status is None else Status(status), *rest)
