"""Chains: what the ends of runs start, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobctl.domain.run import NewRun, Run, RunEnd
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import end_of
from jobctl.store.sqlite.runs import SqliteRunStore


class SqliteChainStore:
    """ChainStore. Ends are gathered by a trigger, wherever a run is ended."""

    def __init__(self, database: Database, catalog: Catalog, runs: SqliteRunStore) -> None:
        self._database = database
        self._catalog = catalog
        self._runs = runs
        self._sql = queries("chains")

    def has_ends(self) -> bool:
        return self._database.one(self._sql["has_ends"]) == (1,)

    def take_ends(self, limit: int) -> list[RunEnd]:
        with self._database:
            self._database.begin()
            rows = self._database.all(self._sql["first_ends"], (limit,))
            if rows:
                self._database.write(self._sql["drop_ends"], (rows[-1][0],))
        return [end_of(row[1:]) for row in rows]

    def followers(self, job: str) -> list[str]:
        return [row[0] for row in self._database.all(self._sql["followers"], (self._catalog.job(job),))]

    def arrivals(self, child: str) -> dict[str, RunEnd]:
        rows = self._database.all(self._sql["arrivals"], (self._catalog.job(child),))
        return {row[0]: end_of(row) for row in rows}

    def arrive(self, child: str, end: RunEnd) -> None:
        with self._database:
            self._database.begin()
            number = self._catalog.job_made(child)
            self._database.write(self._sql["arrive"], (number, *self._row(end)))

    def start(self, run: NewRun, parents: Sequence[RunEnd]) -> int | None:
        with self._database:
            self._database.begin()
            child = self._catalog.job_made(run.job)
            if any(self._has_started(end, child) for end in parents):
                return None
            run_id = self._runs.add(run).id
            for place, end in enumerate(parents):
                row = self._row(end)
                self._database.write(self._sql["add_parent"], (run_id, place, child, *row))
                self._database.write(self._sql["depart"], (child, row[0]))
        return run_id

    def parents(self, run_id: int) -> list[RunEnd]:
        return [end_of(row) for row in self._database.all(self._sql["parents"], (run_id,))]

    def children(self, run_id: int, limit: int) -> list[Run]:
        rows = self._database.all(self._sql["children"], (run_id, limit))
        return [run for (child,) in rows if (run := self._runs.get(child)) is not None]

    def _has_started(self, end: RunEnd, child: int) -> bool:
        return self._database.one(self._sql["has_started"], (end.run_id, end.attempt, child)) is not None

    def _row(self, end: RunEnd) -> tuple[Any, ...]:
        return (
            self._catalog.job_made(end.job), end.run_id, end.attempt, int(end.status), end.finished_at, end.result,
        )  # fmt: skip
