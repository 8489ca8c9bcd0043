"""The part of the Store that is about runs (what holds of all parts: `interface.py`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from jobctl.domain.run import NewRun, Run, Status
from jobctl.store.records import AddedRun, CancelRequest, HistoryFilter, QueueLoad


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

    def dead_letters(self, job: str | None = None) -> int:
        """How many there are, of all or of one job; reads an index entry for each of them."""
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
