"""The Store: what every store promises, in words that also fit a fleet. `tests/store/` holds each one to it.

All moves are conditional: they name the state they expect and return False (or None) when somebody else was
first; nothing has changed then. Every write is durable (synced) when the outermost `transaction` is left; a write
outside of any is a transaction of its own. Instants are milliseconds since the epoch, slots seconds.

Errors: `StoreUnusable` when the database is damaged, emptied, newer or cannot be opened; `DiskFull` when a
write does not fit, with nothing of its transaction kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobctl.domain.definition_records import DefinitionChange, DefinitionDigest, StoredDefinition
from jobctl.domain.run import Attempt, NewRun, Run, Status
from jobctl.store.chain_interface import ChainStore
from jobctl.store.records import (
    AddedRun,
    CancelRequest,
    HistoryFilter,
    JobLabels,
    JobListing,
    JobRow,
    JobTiming,
    JobVersion,
    MissedStarts,
    QueueLoad,
    RemovedJob,
)
from jobctl.store.service_interface import EventStore, RateStore, ServiceStore, SwitchStore

if TYPE_CHECKING:
    from jobctl.domain.outcome import AttemptEnd, Conclusion  # with them what a job is, which few verbs need
    from jobctl.store.alert_interface import AlertStore, OutboxStore
    from jobctl.store.heartbeat_interface import HeartbeatStore
    from jobctl.store.retention import RetentionStore
    from jobctl.store.statistics_interface import StatisticsStore


class JobStore(Protocol):
    """Definitions as last loaded, and the state that belongs to a job rather than to a run."""

    def definitions(self) -> dict[str, StoredDefinition]:
        """Every job that is defined now."""
        ...

    def digests(self) -> dict[str, DefinitionDigest]:
        """The same without what they say: ten thousand definitions are ten megabytes."""
        ...

    def apply(self, change: DefinitionChange, now: int) -> None:
        """Replace the definitions. The watermark of rescheduled jobs becomes `now`; waiting runs that removed jobs
        made by themselves become `cancelled` with that reason; a removed job keeps its runs and its name. Ends that
        wait for those of other parents are forgotten where the job is off or does not come after them any more.
        JobsFileError names the definition that the store does not take; nothing has changed then."""
        ...

    def files(self) -> dict[str, str]:
        """The stamps of the files that the definitions were read from."""
        ...

    def definition(self, name: str) -> str | None:
        """The resolved definition as JSON."""
        ...

    def version_at(self, name: str, at: int) -> JobVersion:
        """What the job was at an instant, with when that began and ended."""
        ...

    def retry_policy_of(self, run_id: int, attempt: int) -> str | None:
        """The definition (JSON) that was in force when the attempt was begun."""
        ...

    def generation(self) -> int:
        """A number that rises whenever `apply`, `enable` or `disable` changes what the scheduler should do."""
        ...

    def timings(self) -> list[JobTiming]:
        """The scheduler's view of every defined job."""
        ...

    def decided(self, name: str, watermark: int, next_at: int | None) -> None:
        """Slots up to `watermark` are decided; belongs into one transaction with the runs they became."""
        ...

    def plan_next(self, next_at: Mapping[str, int | None]) -> None:
        """Set when the given jobs start next, for those who look."""
        ...

    def rows(self, names: Collection[str] | None = None) -> list[JobRow]:
        """Listing of all defined jobs, or of those named; by name."""
        ...

    def labels(self) -> list[JobLabels]:
        """What the defined jobs are chosen by, by name."""
        ...

    def listing(self, names: Collection[str] | None = None, *, failing_first: bool = False) -> JobListing:
        """What a table of jobs shows, of all or of those named, by name; with `failing_first` those on top that fail
        or miss their starts, the longest first."""
        ...

    def removed(self, name: str) -> RemovedJob | None:
        """A job that was defined once and is not any more, or never and has runs; they are kept as long as others."""
        ...

    def names(self) -> list[str]:
        """Names of all defined jobs, sorted."""
        ...

    def count(self) -> int:
        """How many jobs are defined."""
        ...

    def last_successes(self) -> dict[str, int]:
        """When a run of each defined job last succeeded; jobs that never did are not in it."""
        ...

    def tried(self) -> dict[str, bool]:
        """Which names have had a run, and whether one of their runs ever succeeded, by name: of jobs that are defined
        and enabled, and of those that never were in a jobs file and have runs of `exec`."""
        ...

    def soonest(self, limit: int) -> list[JobRow]:
        """The jobs that start next by themselves, by `next_at`; costs the same however many jobs there are."""
        ...

    def missed(self, name: str, count: int, since: int) -> None:
        """Count starts of the job that were due and that nobody ordered to be held, the first of them at `since`: in a
        row with those before, unless a run of it has begun. What was counted is forgotten when a run begins, when the
        job is enabled again, and when its schedule changes."""
        ...

    def missed_in_a_row(self, least: int = 1) -> list[MissedStarts]:
        """The jobs that have missed so many starts in a row or more, and are enabled; the one that has waited longest
        first. Reads an entry for each job."""
        ...

    def enable(self, name: str, actor: str, now: int) -> bool:
        """Undo `disable`; False when it was not disabled. The watermark becomes `now`: nothing is caught up."""
        ...

    def over(self, now: int) -> list[str]:
        """The jobs that are disabled until an instant that has come: what `end_disabled` is for."""
        ...

    def end_disabled(self, name: str, now: int) -> bool:
        """As `enable` at the instant until which the job is disabled, if it has come: a slot at that instant is not
        passed over, and the trail names that instant. False: it is not disabled so, or not any more."""
        ...

    def disable(self, name: str, actor: str, now: int, until: int | None, reason: str | None) -> bool:
        """Keep the job from starting by itself until enabled or until the instant; ends that wait for those of its
        other parents are forgotten. False: no such job."""
        ...


class RunStore(Protocol):
    """Runs from their making to their end."""

    def add(self, run: NewRun) -> AddedRun:
        """Make a run. The same job and key, or job and slot in one clock epoch, yield the existing one."""
        ...

    def add_many(self, runs: Sequence[NewRun]) -> list[AddedRun]:
        """Make runs in one transaction: all or nothing."""
        ...

    def get(self, run_id: int) -> Run | None: ...

    def find(self, ids: range, limit: int = 10) -> list[Run]:
        """Runs whose id lies in the range, oldest first."""
        ...

    def history(self, wanted: HistoryFilter) -> list[Run]: ...

    def history_ids(self, wanted: HistoryFilter) -> list[int]:
        """The ids of the same runs, however many."""
        ...

    def counts(self) -> dict[Status, int]:
        """How many runs are kept in each status; costs the same however many there are."""
        ...

    def queue_loads(self) -> list[QueueLoad]:
        """The queues in which runs wait or run, by name. Reads an index entry for each of them."""
        ...

    def waiting_since(self) -> dict[str, int]:
        """By queue, the earliest time that one of its QUEUED runs was due; of each job only the run that is the next to
        start is looked at, so that a million waiting runs cost as much as one."""
        ...

    def dead_letters(self) -> int:
        """How many there are; reads an index entry for each of them."""
        ...

    def failing(self) -> list[tuple[int, int]]:
        """The dead letter of each job that ended last, by its id, and how many the job has; what ended last comes
        first. Reads an index entry for each dead letter."""
        ...

    def failed_last(self, limit: int) -> list[Run]:
        """Runs that failed, timed out or were lost, the one that ended last first."""
        ...

    def to_name(self, limit: int) -> list[Run]:
        """Runs that somebody may want to name, newest first: the newest of all, and however old they are those that
        run, those that wait, and those that failed; `limit` of each kind at most. Of more that wait any are told."""
        ...

    def release_due(self, now: int) -> int:
        """SCHEDULED and RETRYING runs whose time has come become QUEUED, the earliest of very many at a time;
        returns how many."""
        ...

    def releases(self, limit: int) -> list[Run]:
        """SCHEDULED and RETRYING runs, the one that is due first before the others."""
        ...

    def of_slot(self, job: str, slot: int) -> int | None:
        """The id of the run that a slot of a job has in the present clock epoch."""
        ...

    def answering(self, job: str, slot: int) -> Run | None:
        """The run of a slot, of the newest clock epoch that has one, or else of the first later slot that has a run:
        that one may stand for slots before it."""
        ...

    def overdue(self, now: int, limit: int) -> list[tuple[Run, int]]:
        """QUEUED runs that never had an attempt and whose `start_by` has passed, each with that."""
        ...

    def next_deadline(self) -> int | None:
        """When the next run is to be released, or the `start_by` of the next that has had no attempt passes."""
        ...

    def rebase(self, now: int) -> None:
        """After a correction of the clock: no run waits longer than an hour for its next attempt."""
        ...

    def waiting(self, limit: int, without_jobs: Collection[str], without_queues: Collection[str]) -> list[Run]:
        """QUEUED runs in the order in which they should start (see domain.admission.rank)."""
        ...

    def waiting_aside(self, job: str, due_by: int, limit: int) -> list[Run]:
        """Those QUEUED runs of a job that no busy machine holds, in the order in which they should start: made by hand,
        or due at `due_by` or before. Reads all its QUEUED runs."""
        ...

    def active(self, job: str) -> list[Run]:
        """QUEUED, RUNNING and RETRYING runs of a job, oldest first."""
        ...

    def move(self, run_id: int, expected: Status, target: Status, now: int, reason: str | None = None) -> bool:
        """Move a run that is in `expected`, for moves without an attempt: skip, miss, cancel, requeue."""
        ...

    def retry(self, run_id: int, now: int, extra_attempts: int, params: str | None = None) -> bool:
        """An ended run becomes QUEUED again with a fresh budget, its own where it has one, and with another payload
        where one is given; its old attempts stay."""
        ...

    def dismiss(self, run_id: int) -> bool:
        """A dead letter is none any more. False: it was none."""
        ...

    def delete(self, run_id: int) -> bool:
        """Remove an ended run with its attempts. False: it has not ended, or there is no such run."""
        ...

    def request_cancel(self, run_id: int, signal: int, actor: str, now: int) -> Status | None:
        """Cancel a waiting run at once, or ask a running one to stop. Returns the status that it was in and was
        acted upon; None when there is nothing to cancel (ended, or no such run)."""
        ...

    def cancel_requests(self) -> list[CancelRequest]:
        """Running attempts that somebody asked to stop."""
        ...


class AttemptStore(Protocol):
    """Single executions."""

    def begin(self, run_id: int, token: bytes, keeper: str, now: int) -> int | None:
        """Claim a QUEUED run: it becomes RUNNING with a new attempt in STARTING, whose number is returned.
        None: it was not QUEUED any more."""
        ...

    def started(self, run_id: int, number: int, token: bytes, pid: int) -> bool:
        """The process of the attempt with this token is known. False: that is known already, it has ended, or its
        number is another one's by now."""
        ...

    def unsupervised(self, run_id: int, number: int, token: bytes) -> bool:
        """The keeper of the attempt with this token is gone while its processes live. False as for `started`."""
        ...

    def conclude(self, run_id: int, number: int, end: AttemptEnd, conclusion: Conclusion) -> bool:
        """End the attempt and move its run, the job's last run, streak and dead letters with it.
        False: it had been concluded already."""
        ...

    def withdraw(self, run_id: int, number: int, token: bytes, now: int, *, blame: bool = False) -> bool:
        """The attempt with this token never began: its row goes, the run is QUEUED again with its budget untouched
        (CANCELLED if a cancel was asked for), and the bucket of its queue has its token back. `blame`: the daemon
        died while starting it, which is counted. False: it had ended, or its number is another one's by now."""
        ...

    def blamed(self, run_id: int) -> int:
        """How often the daemon died while starting this run."""
        ...

    def unfinished(self) -> list[Attempt]:
        """Attempts that have not ended, oldest first."""
        ...

    def of_run(self, run_id: int) -> list[Attempt]:
        """All attempts of a run in order."""
        ...


class Store(Protocol):
    """Everything that outlives a process."""

    @property
    def jobs(self) -> JobStore: ...
    @property
    def runs(self) -> RunStore: ...
    @property
    def attempts(self) -> AttemptStore: ...
    @property
    def chains(self) -> ChainStore: ...
    @property
    def switches(self) -> SwitchStore: ...
    @property
    def rates(self) -> RateStore: ...
    @property
    def service(self) -> ServiceStore: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def heartbeats(self) -> HeartbeatStore: ...

    @property
    def retention(self) -> RetentionStore: ...
    @property
    def statistics(self) -> StatisticsStore: ...

    def transaction(self, *, locked: bool = False) -> AbstractContextManager[None]:
        """All writes inside are one commit, durable on leaving; an exception undoes them all. Inner ones join
        the outer. The write lock is taken at the first write, so that a unit that writes nothing costs nothing.
        `locked`: it is taken at once, so that what is read inside is still true when it is acted upon."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """What is read inside is of one instant, whatever others write meanwhile: for figures that are to agree. To be
        left soon, and nothing is written inside."""
        ...

    def part(self) -> AbstractContextManager[None]:
        """A part of a transaction that an exception undoes alone: who catches that goes on with the rest. The write
        lock is held from here on. After `DiskFull` and its like nothing of the whole is left to go on with."""
        ...

    def version(self) -> int:
        """A number that is another one once another process has written. Costs nothing while this one writes."""
        ...

    def changed(self) -> bool:
        """Whether another process has written since the last call: cheap enough to ask every second."""
        ...

    def is_outdated(self) -> bool:
        """Whether a newer jobctl has brought the store up to date meanwhile: the next `open` of this one is refused."""
        ...

    def commits_in_log(self) -> int:
        """How many commits of this store came after its last `checkpoint`."""
        ...

    def checkpoint(self) -> None:
        """Move the log into the database. Only the daemon calls it; see also `RetentionStore.checkpoint`."""
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy while everything runs; `target` is complete or absent."""
        ...

    def verify(self) -> None:
        """Read everything that is stored. StoreDamaged names the first damage found; a big store takes seconds."""
        ...

    def close(self) -> None: ...
