"""What retention asks of a store, and the walks that find the runs which have been kept long enough.

A walk goes over the history from its beginning, page by page, and is a generator: whoever follows it rests between
the pages as he likes, and what was found is gone before the next page is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from jobctl.domain.retention import EVERYTHING, Ending, Policy, Scope, ending_of
from jobctl.domain.run import FINAL, Status
from jobctl.domain.run_id import make
from jobctl.store.records import Log

PAGE = 1000  # runs that are looked at together: some milliseconds


class PastRun(NamedTuple):
    """A run as retention sees it. A tuple, because a walk makes a million of them."""

    id: int
    job: str
    status: Status
    finished_at: int | None
    log_bytes: int  # of its logs, as far as they are kept
    stays: bool  # not ended, made to be kept, or the last run of its job


class RetentionStore(Protocol):
    """Ended runs on their way out."""

    def page(self, after: int, limit: int, job: str | None = None) -> list[PastRun]:
        """Runs with a larger id, all or those of a job, oldest first."""
        ...

    def crowded(self, allowed: int) -> dict[str, int]:
        """How many ended runs each job has that has more than so many; those made to be kept do not count."""
        ...

    def log_bytes(self) -> int:
        """What is kept of all logs together."""
        ...

    def forget(self, run_ids: Collection[int], ended_until: int) -> set[int]:
        """Remove runs with their attempts, and note their logs as litter in the same commit. Returns those removed:
        what has not ended by then, is made to be kept or is the last run of its job stays."""
        ...

    def litter(self, limit: int) -> list[Log]:
        """Logs of attempts that are removed; their files may still be there."""
        ...

    def cleared(self, logs: Sequence[Log]) -> None:
        """The files are gone."""
        ...

    def checkpoint(self) -> None:
        """Move what a bulk of removals wrote into the log of the database on into the database itself."""
        ...


def overdue(
    store: RetentionStore,
    policy: Policy,
    now: int,
    scope: Scope = EVERYTHING,
    *,
    by_age: bool = True,
    dry_run: bool = False,
) -> Iterator[list[PastRun]]:
    """The runs that have passed a bound: those too old, then the oldest of jobs with too many, then the oldest while
    the logs are too large. An item for each page that was looked at, also if nothing was found in it.

    A scope of jobs leaves out the bound on all logs together, one of statuses also that on the number of runs. What
    an item names must be gone before the next is asked for, except in a `dry_run`, which finds the same runs.
    """
    walk = _Walk(store, policy, now, scope, dry_run=dry_run)
    if by_age:
        yield from walk.too_old()
    if scope.statuses == FINAL:
        yield from walk.too_many()
    if scope.is_everything:
        yield from walk.too_large()


class _Walk:
    """The walks of one round. A dry run remembers what it has found, as far as later walks would meet it again."""

    def __init__(self, store: RetentionStore, policy: Policy, now: int, scope: Scope, *, dry_run: bool) -> None:
        self._store = store
        self._policy = policy
        self._now = now
        self._scope = scope
        self._dry_run = dry_run
        self._found_of_job: Counter[str] = Counter()
        self._found_bytes = 0
        self._last_of_crowd: dict[str, int] = {}

    def too_old(self) -> Iterator[list[PastRun]]:
        age = self._policy.shortest_age(self._scope.jobs)
        if age is None:
            return
        horizon = make(self._now - round(1000 * age), 0)
        for job in [None] if self._scope.jobs is None else sorted(self._scope.jobs):
            for page in self._pages(job, horizon):
                found = [run for run in page if self._has_outlived(run) and run.status in self._scope.statuses]
                self._note(found)
                yield found

    def too_many(self) -> Iterator[list[PastRun]]:
        fewest = self._policy.fewest_runs()
        crowded = self._store.crowded(fewest) if fewest is not None else {}
        for job, ended in crowded.items():
            most = self._policy.bounds(job).max_runs
            if most is None or not (self._scope.jobs is None or job in self._scope.jobs):
                continue
            excess = ended - self._found_of_job[job] - most
            pages = self._pages(job)
            while excess > 0 and (page := next(pages, None)):
                found = [run for run in page if not run.stays and not self._is_found(run)][:excess]
                excess -= len(found)
                self._note(found)
                if found:
                    self._last_of_crowd[job] = found[-1].id
                yield found

    def too_large(self) -> Iterator[list[PastRun]]:
        most = self._policy.max_log_bytes
        if most is None:
            return
        excess = self._store.log_bytes() - self._found_bytes - most
        for ending in Ending:  # the succeeded first
            pages = self._pages()
            while excess > 0 and (page := next(pages, None)):
                found = []
                for run in page:
                    may_go = run.log_bytes and not run.stays and not self._is_found(run)
                    if excess > 0 and may_go and ending_of(run.status) is ending:
                        found.append(run)
                        excess -= run.log_bytes
                yield found

    def _pages(self, job: str | None = None, horizon: int | None = None) -> Iterator[list[PastRun]]:
        """Up to the first page that reaches the horizon: no run made after it has an age that matters."""
        after = 0
        while page := self._store.page(after, PAGE, job):
            yield page
            after = page[-1].id
            if len(page) < PAGE or (horizon is not None and after > horizon):
                return

    def _has_outlived(self, run: PastRun) -> bool:
        if run.stays or run.finished_at is None:
            return False
        return self._policy.outlived(run.job, run.status, run.finished_at, self._now)

    def _is_found(self, run: PastRun) -> bool:
        """Whether a dry run has named it before."""
        return self._dry_run and (self._has_outlived(run) or run.id <= self._last_of_crowd.get(run.job, -1))

    def _note(self, found: Sequence[PastRun]) -> None:
        if self._dry_run:
            self._found_of_job.update(run.job for run in found)
            self._found_bytes += sum(run.log_bytes for run in found)
