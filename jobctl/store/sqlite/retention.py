"""Ended runs on their way out, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jobctl.domain.run import Status
from jobctl.store.records import Log
from jobctl.store.retention import PastRun
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries

_STATUSES = {status.value: status for status in Status}


class SqliteRetentionStore:
    """RetentionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries("retention")

    def page(self, after: int, limit: int, job: str | None = None) -> list[PastRun]:
        if job is None:
            rows = self._database.all(self._sql["page"], (after, limit))
        else:
            rows = self._database.all(self._sql["page_of_job"], (job, after, limit))
        return [
            PastRun(run_id, name, _STATUSES[status], finished_at, log_bytes, stays == 1)
            for run_id, name, status, finished_at, log_bytes, stays in rows
        ]

    def crowded(self, allowed: int) -> dict[str, int]:
        return dict(self._database.all(self._sql["crowded"], (allowed,)))

    def log_bytes(self) -> int:
        row = self._database.one(self._sql["log_bytes"])
        return int(row[0]) if row else 0

    def forget(self, run_ids: Collection[int], ended_until: int) -> set[int]:
        if not run_ids:
            return set()
        listed = f"[{','.join(map(str, run_ids))}]"
        with self._database:
            return {row[0] for row in self._database.write_returning(self._sql["forget"], (listed, ended_until))}

    def litter(self, limit: int) -> list[Log]:
        return [Log(*row) for row in self._database.all(self._sql["litter"], (limit,))]

    def cleared(self, logs: Sequence[Log]) -> None:
        if logs:
            with self._database:
                self._database.write_many(self._sql["cleared"], logs)

    def checkpoint(self) -> None:
        self._database.checkpoint()
