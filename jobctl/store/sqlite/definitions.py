"""Definitions come into force, in SQLite.

Each statement is executed for all jobs that it concerns before the next one is: ten thousand jobs are a usual first
start, and a call for each job and statement takes longer than the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from jobctl.domain.definition_records import DefinitionChange, JobDefinition
from jobctl.errors import JobctlError, JobsFileError
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.chain_links import ChainLinks
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.reader import Row


class DefinitionWriter:
    """Writes within the caller's transaction."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._links = ChainLinks(database, catalog)
        self._sql = queries("definitions")

    def apply(self, change: DefinitionChange, now: int) -> None:
        """See `JobStore.apply`."""
        self._database.begin()
        known, slot = self._database.all(self._sql["known"]), now // 1000
        hashes = {name: hash_ for name, _, hash_ in known}
        numbers = {name: number for name, number, _ in known}
        new = self._catalog.jobs_made(numbers, [job.name for job in change.upserts], slot)
        self._define(change.upserts, hashes, now)
        # A new job has nothing that could have to go.
        self._connect([job for job in change.upserts if job.parents or job.heartbeat or job.name not in new])
        self._remove(change.removed, now)
        rebased = ((slot, self._number(name)) for name in change.rescheduled - new)
        self._database.write_many(self._sql["rebase"], rebased)
        self._database.write(self._sql["forget_files"])
        self._database.write_many(self._sql["add_file"], change.files.items())

    def forget_arrivals(self, name: str) -> None:
        """Nothing has arrived at the job that comes after others."""
        self._links.forget([self._number(name)])

    def _number(self, name: str) -> int:
        return self._catalog.job_made(name)

    def _define(self, jobs: Sequence[JobDefinition], hashes: dict[str, str | None], now: int) -> None:
        changed = [job for job in jobs if hashes.get(job.name) != job.hash]
        self._write("add_version", changed, lambda job: (self._number(job.name), now, job.hash, job.definition))
        self._write("define", jobs, self._row)

    def _row(self, job: JobDefinition) -> Row:
        return (
            job.hash, job.schedule_hash, job.file, job.line, job.description, job.group, "\n".join(job.tags),
            job.schedule, job.timezone, job.command, job.priority, job.queue, job.enabled, self._number(job.name),
        )  # fmt: skip

    def _write(self, query: str, jobs: Sequence[JobDefinition], row: Callable[[JobDefinition], Row]) -> None:
        """Execute a statement for each job. What the database has against one of them is said as of any other mistake
        in the file."""
        at = None

        def rows() -> Iterator[Row]:
            nonlocal at
            for at in jobs:
                yield row(at)

        try:
            self._database.write_many(self._sql[query], rows())
        except JobctlError:
            raise
        except Exception as problem:
            place = f"{at.file}:{at.line}: jobs.{at.name}: " if at else ""
            raise JobsFileError(f"{place}this definition cannot be stored: {problem}") from problem

    def _connect(self, jobs: Sequence[JobDefinition]) -> None:
        """What a job comes after, and who is told of its runs."""
        self._links.define(
            {self._number(job.name): job.parents for job in jobs},
            off={self._number(job.name) for job in jobs if not job.enabled},
        )
        self._has_heartbeat([job.name for job in jobs if job.heartbeat], has=True)
        self._has_heartbeat([job.name for job in jobs if not job.heartbeat], has=False)

    def _remove(self, names: Collection[str], now: int) -> None:
        numbers = [self._number(name) for name in names]
        self._links.define(dict.fromkeys(numbers, ()), off=set(numbers))
        self._has_heartbeat(names, has=False)
        self._database.write_many(self._sql["undefine"], ((number,) for number in numbers))
        self._database.write_many(self._sql["unplan"], ((number,) for number in numbers))
        self._database.write_many(self._sql["add_version"], ((number, now, None, None) for number in numbers))
        self._database.write_many(self._sql["cancel_waiting_of_removed"], ((now, number) for number in numbers))

    def _has_heartbeat(self, names: Collection[str], *, has: bool) -> None:
        query = self._sql["has_heartbeat" if has else "has_no_heartbeat"]
        self._database.write_many(query, ((self._number(name),) for name in names))
