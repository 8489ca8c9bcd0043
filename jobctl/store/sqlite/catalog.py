"""Names of jobs and queues, and the numbers that stand for them in the rows of runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries


class Catalog:
    """Remembers every number it has seen: a name never gets another one. Only an undone transaction may have made
    numbers that do not exist, so all is forgotten then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: dict[str, int] = {}
        self._queues: dict[str, int] = {}
        database.on_rollback = self._forget

    def job(self, name: str) -> int | None:
        """The number of a job that has ever been defined or run."""
        number = self._jobs.get(name)
        if number is None:
            row = self._database.one(queries("jobs")["job_number"], (name,))
            if row is None:
                return None
            number = self._jobs[name] = row[0]
        return number

    def job_made(self, name: str) -> int:
        """The number of a job, made here if the name is new. Inside a transaction."""
        number = self.job(name)
        return self._make_job(name) if number is None else number

    def jobs_made(self, numbers: Mapping[str, int], names: Collection[str], slot: int) -> Set[str]:
        """Make those of the names that are new, all at once, with `slot` as the last one that is decided; which of them
        are. `numbers` are those of all jobs that there are. Inside a transaction."""
        self._jobs.update(numbers)
        new = set(names) - self._jobs.keys()
        if new:
            sql, last = queries("jobs"), max(self._jobs.values(), default=0)
            self._database.write_many(sql["make_jobs"], [(name,) for name in names if name in new])
            self._database.write(sql["make_job_states"], (slot, last))
            self._jobs.update(self._database.all(sql["jobs_made"], (last,)))
        return new

    def _make_job(self, name: str) -> int:
        number: int
        ((number,),) = self._database.write_returning(queries("jobs")["make_job"], (name,))
        self._database.write(queries("jobs")["make_job_state"], (number,))
        self._jobs[name] = number
        return number

    def queue(self, name: str) -> int | None:
        """The number of a queue that has ever held a run."""
        number = self._queues.get(name)
        if number is None:
            row = self._database.one(queries("runs")["queue_number"], (name,))
            if row is None:
                return None
            number = self._queues[name] = row[0]
        return number

    def queue_made(self, name: str) -> int:
        """The number of a queue, made here if the name is new. Inside a transaction."""
        number = self.queue(name)
        if number is None:
            ((number,),) = self._database.write_returning(queries("runs")["make_queue"], (name,))
            self._queues[name] = number
        return number

    def _forget(self) -> None:
        self._jobs.clear()
        self._queues.clear()
