"""Definitions and the state of jobs, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from jobctl.errors import JobctlError, JobsFileError
from jobctl.store.records import Event, JobLabels, JobListing, JobRow, JobTiming, JobVersion, RemovedJob
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import job_listing_of, job_row_of, labels_of, timing_of
from jobctl.store.sqlite.service import SqliteEventStore

if TYPE_CHECKING:
    from jobctl.domain.definition_records import DefinitionChange, JobDefinition, StoredDefinition
    from jobctl.store.sqlite.chain_links import ChainLinks


class SqliteJobStore:
    """JobStore."""

    def __init__(self, database: Database, catalog: Catalog, events: SqliteEventStore) -> None:
        self._database = database
        self._catalog = catalog
        self._events = events
        self._sql = queries("jobs")

    @cached_property
    def _links(self) -> ChainLinks:
        from jobctl.store.sqlite.chain_links import ChainLinks  # for those who change definitions

        return ChainLinks(self._database, self._catalog)

    def definitions(self) -> dict[str, StoredDefinition]:
        from jobctl.domain.definition_records import StoredDefinition  # where a file was read

        return {row[0]: StoredDefinition(*row) for row in self._database.all(self._sql["definitions"])}

    def apply(self, change: DefinitionChange, now: int) -> None:
        with self._database:
            self._database.begin()
            known = self._database.all(self._sql["known"])
            hashes = {name: hash_ for name, _, hash_ in known}
            known_numbers = {name: number for name, number, _ in known}
            is_new = self._catalog.jobs_made(known_numbers, [job.name for job in change.upserts])
            for job in change.upserts:
                with _place_of(job):
                    self._define(job, now, is_new=is_new[job.name], is_new_version=hashes.get(job.name) != job.hash)
            for name in change.removed:
                self._remove(name, now)
            numbers = [self._catalog.job_made(name) for name in change.rescheduled]
            self._database.write_many(self._sql["rebase"], [(now // 1000, number) for number in numbers])
            self._database.write(self._sql["forget_files"])
            self._database.write_many(self._sql["add_file"], change.files.items())
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
        *columns, off, busy = (json.loads(text) for text in texts)
        shown, streaks = columns[0], columns[6]
        if failing_first or shown != sorted(shown):  # they are stored in the order of the file that first had them
            order = sorted(range(len(shown)), key=shown.__getitem__)
            if failing_first:
                order.sort(key=lambda place: min(streaks[place], 0))
            columns = [list(map(column.__getitem__, order)) for column in columns]
        return job_listing_of(columns, frozenset(off), {name: counts for name, *counts in busy})

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

    def enable(self, name: str, actor: str, now: int) -> bool:
        return self._enable("enable", (now // 1000, self._catalog.job(name)), Event(now, actor, "enable", job=name))

    def end_disabled(self, name: str, now: int) -> bool:
        event = Event(now, "jobctl", "enable", job=name, detail="its time was over")
        return self._enable("end_disabled", (now, self._catalog.job(name)), event)

    def disable(self, name: str, actor: str, now: int, until: int | None, reason: str | None) -> bool:
        with self._database:
            if not self._database.write(self._sql["disable"], (now, actor, until, reason, name)):
                return False
            self._links.forget(self._catalog.job_made(name))
            self._database.write(self._sql["raise_generation"])
            self._events.record(Event(now, actor, "disable", job=name, detail=reason))
        return True

    def _enable(self, query: str, parameters: tuple[int, int | None], event: Event) -> bool:
        with self._database:
            if not self._database.write(self._sql[query], parameters):
                return False
            self._database.write(self._sql["raise_generation"])
            self._events.record(event)
        return True

    def _define(self, job: JobDefinition, now: int, *, is_new: bool, is_new_version: bool) -> None:
        number = self._catalog.job_made(job.name)
        version = None
        if is_new_version:
            row = (number, now, job.hash, job.definition)
            ((version,),) = self._database.write_returning(self._sql["add_version"], row)
        self._database.write(
            self._sql["define"],
            (
                version, job.hash, job.schedule_hash, job.file, job.line, job.description, job.group,
                "\n".join(job.tags), job.schedule, job.timezone, job.command, job.priority, job.queue, job.enabled,
                number,
            ),
        )  # fmt: skip
        if job.parents or not is_new:  # a new one has nothing that could have to go
            self._links.define(number, job.parents, enabled=job.enabled)
        if job.heartbeat or not is_new:
            self._has_heartbeat(number, job.heartbeat)

    def _remove(self, name: str, now: int) -> None:
        number = self._catalog.job_made(name)
        self._database.write(self._sql["undefine"], (number,))
        self._database.write(self._sql["unplan"], (number,))
        self._links.define(number, (), enabled=False)
        self._has_heartbeat(number, False)
        self._database.write_returning(self._sql["add_version"], (number, now, None, None))
        self._database.write(self._sql["cancel_waiting_of_removed"], (now, number))

    def _has_heartbeat(self, number: int, has: bool) -> None:
        self._database.write(self._sql["has_heartbeat" if has else "has_no_heartbeat"], (number,))


@contextmanager
def _place_of(job: JobDefinition) -> Iterator[None]:
    """What the database has against this definition, said as of any other mistake in the file."""
    try:
        yield
    except JobctlError:
        raise
    except Exception as problem:
        place = f"{job.file}:{job.line}: jobs.{job.name}"
        raise JobsFileError(f"{place}: this definition cannot be stored: {problem}") from problem
