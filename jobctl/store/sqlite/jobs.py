"""Definitions and the state of jobs, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from jobctl.store.records import (
    Event,
    JobLabels,
    JobListing,
    JobRow,
    JobTiming,
    JobVersion,
    MissedStarts,
    RemovedJob,
    trouble_of,
)
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import job_listing_of, job_row_of, labels_of, timing_of
from jobctl.store.sqlite.service import SqliteEventStore

if TYPE_CHECKING:
    from jobctl.domain.definition_records import DefinitionChange, DefinitionDigest, StoredDefinition
    from jobctl.store.sqlite.definitions import DefinitionWriter


class SqliteJobStore:
    """JobStore."""

    def __init__(self, database: Database, catalog: Catalog, events: SqliteEventStore) -> None:
        self._database = database
        self._catalog = catalog
        self._events = events
        self._sql = queries("jobs")

    @cached_property
    def _definitions(self) -> DefinitionWriter:
        from jobctl.store.sqlite.definitions import DefinitionWriter  # where a file was read

        return DefinitionWriter(self._database, self._catalog)

    def definitions(self) -> dict[str, StoredDefinition]:
        from jobctl.domain.definition_records import StoredDefinition  # as above

        return {row[0]: StoredDefinition(*row) for row in self._database.all(self._sql["definitions"])}

    def digests(self) -> dict[str, DefinitionDigest]:
        from jobctl.domain.definition_records import DefinitionDigest  # as above

        return {name: DefinitionDigest(*row) for name, *row in self._database.all(self._sql["digests"])}

    def apply(self, change: DefinitionChange, now: int) -> None:
        with self._database:
            self._definitions.apply(change, now)
            self._database.write(self._sql["raise_generation"])

    def files(self) -> dict[str, str]:
        return dict(self._database.all(self._sql["files"]))

    def definition(self, name: str) -> str | None:
        row = self._database.one(self._sql["definition"], (name,))
        return row[0] if row else None

    def version_at(self, name: str, at: int) -> JobVersion:
        row = self._database.one(self._sql["version_at"], (name, at))
        (until,) = self._database.one(self._sql["version_after"], (name, at)) or (None,)
        since, definition = row or (None, None)
        return JobVersion(since, until, definition)

    def retry_policy_of(self, run_id: int, attempt: int) -> str | None:
        row = self._database.one(self._sql["retry_policy_of"], (run_id, attempt))
        return row[0] if row else None

    def generation(self) -> int:
        row = self._database.one(self._sql["generation"])
        return row[0] if row else 0

    def timings(self) -> list[JobTiming]:
        return [timing_of(row) for row in self._database.all(self._sql["timings"])]

    def decided(self, name: str, watermark: int, next_at: int | None) -> None:
        with self._database:
            self._database.write(self._sql["decided"], (watermark, next_at, self._catalog.job(name)))

    def plan_next(self, next_at: Mapping[str, int | None]) -> None:
        plan = [(instant, self._catalog.job(name)) for name, instant in next_at.items()]
        if plan:
            with self._database:
                self._database.write_many(self._sql["plan_next"], plan)

    def rows(self, names: Collection[str] | None = None) -> list[JobRow]:
        if names is None:
            found = self._database.all(self._sql["rows"])
        else:
            found = [row for name in set(names) for row in self._database.all(self._sql["row"], (name,))]
        found.sort()
        return [job_row_of(row) for row in found]

    def labels(self) -> list[JobLabels]:
        return [labels_of(row) for row in self._database.all(self._sql["labels"])]

    def listing(self, names: Collection[str] | None = None, *, failing_first: bool = False) -> JobListing:
        import json  # 2 ms, for listings only

        wanted = None if names is None else json.dumps(sorted(names))
        ((*texts,),) = self._database.all(self._sql["listing"], (wanted,))
        *columns, off, busy, late = (json.loads(text) for text in texts)
        missed = dict(late)
        order = _shown_order(columns[0], _troubles(columns[0], columns[6], missed) if failing_first else None)
        if order is not None:
            columns = [list(map(column.__getitem__, order)) for column in columns]
        return job_listing_of(columns, frozenset(off), {name: counts for name, *counts in busy}, missed)

    def removed(self, name: str) -> RemovedJob | None:
        row = self._database.one(self._sql["removed"], (name,))
        return None if row is None else RemovedJob(job_row_of(row[:-2]), *row[-2:])

    def names(self) -> list[str]:
        return [row[0] for row in self._database.all(self._sql["names"])]

    def count(self) -> int:
        row = self._database.one(self._sql["count"])
        return row[0] if row else 0

    def last_successes(self) -> dict[str, int]:
        return dict(self._database.all(self._sql["last_successes"]))

    def tried(self) -> dict[str, bool]:
        return {name: bool(well) for name, well in self._database.all(self._sql["tried"])}

    def soonest(self, limit: int) -> list[JobRow]:
        return [job_row_of(row) for row in self._database.all(self._sql["soonest"], (limit,))]

    def missed(self, name: str, count: int, since: int) -> None:
        with self._database:
            self._database.write(self._sql["missed"], (count, since, self._catalog.job(name)))

    def missed_in_a_row(self, least: int = 1) -> list[MissedStarts]:
        return [MissedStarts(*row) for row in self._database.all(self._sql["missed_in_a_row"], (least,))]

    def enable(self, name: str, actor: str, now: int) -> bool:
        with self._database:
            if not self._database.write(self._sql["enable"], (now // 1000, self._catalog.job(name))):
                return False
            self._database.write(self._sql["raise_generation"])
            self._events.record(Event(now, actor, "enable", job=name))
        return True

    def over(self, now: int) -> list[str]:
        return [row[0] for row in self._database.all(self._sql["over"], (now,))]

    def end_disabled(self, name: str, now: int) -> bool:
        with self._database:
            over = (now, self._catalog.job(name))
            if not self._database.write(self._sql["record_end"], over):
                return False
            self._database.write(self._sql["end_disabled"], over)
            self._database.write(self._sql["raise_generation"])
        return True

    def disable(self, name: str, actor: str, now: int, until: int | None, reason: str | None) -> bool:
        with self._database:
            if not self._database.write(self._sql["disable"], (now, actor, until, reason, name)):
                return False
            self._definitions.forget_arrivals(name)
            self._database.write(self._sql["raise_generation"])
            self._events.record(Event(now, actor, "disable", job=name, detail=reason))
        return True


def _troubles(names: Sequence[str], streaks: Sequence[int], missed: Mapping[str, int]) -> Sequence[int]:
    """See `trouble_of`."""
    return [trouble_of(streak, missed.get(name, 0)) for name, streak in zip(names, streaks, strict=True)]


def _shown_order(names: Sequence[str], troubles: Sequence[int] | None) -> Sequence[int] | None:
    """The places of jobs by name, with `troubles` those first that have some, the longest on top. None: they are in
    that order. They are stored in that of the file that first had them, most often by name."""
    places: Sequence[int] = range(len(names))
    is_by_name = names == sorted(names)
    if not is_by_name:
        places = sorted(places, key=names.__getitem__)
    failing = [] if troubles is None else [place for place in places if troubles[place] > 0]
    if troubles is None or not failing:
        return None if is_by_name else places
    failing.sort(key=troubles.__getitem__, reverse=True)
    return [*failing, *(place for place in places if not troubles[place])]
