"""What the slots of a job become in the store, once it is decided which of them deserve a run."""

from __future__ import annotations

import signal

from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.admission import overlap_reason
from jobctl.domain.due import DueDecision, DueRun
from jobctl.domain.job import Job
from jobctl.domain.policies import REPLACED_BY, Overlap
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.schedule import spread_offset


class SlotRuns:
    """Makes the runs of slots, and the rows of those that were missed. Belongs into the scheduler's transaction."""

    def __init__(self, around: Surroundings, machine_id: str) -> None:
        self._store = around.store
        self._journal = around.journal
        self._news = around.news
        self._machine_id = machine_id

    def make(self, job: Job, decision: DueDecision, now: int) -> None:
        """All that a decision asks for."""
        for missed in decision.missed:
            added = self._store.runs.add(
                NewRun(
                    job=job.name, origin=Origin.CATCH_UP, status=Status.MISSED, created_at=now,
                    due_at=missed.slot * 1000, slot=missed.slot, queue=job.queue, priority=job.priority,
                    reason=missed.reason,
                )
            )  # fmt: skip
            if not added.existed:
                self._store.jobs.missed(job.name, missed.count, missed.oldest * 1000)
            self._journal.warning("slots missed", job=job.name, count=missed.count, reason=missed.reason)
        before = self._store.runs.active(job.name) if decision.runs else []
        for due in decision.runs:
            # Slots that are caught up were to run one after the other; only what was there before is in their way.
            alone = due is decision.runs[0] or due.origin is Origin.CATCH_UP
            active = before if alone else self._store.runs.active(job.name)
            self.make_one(job, due, active, now)

    def make_one(self, job: Job, due: DueRun, active: list[Run], now: int) -> None:
        """The run of one slot, as `overlap` wants it beside the runs that are active."""
        due_at = 1000 * (due.slot + spread_offset(self._machine_id, job.name, due.slot, job.triggers.spread))
        status = Status.SCHEDULED if due_at > now else Status.QUEUED
        reason = due.reason
        if active and job.overlap is Overlap.SKIP:
            # With why it was made: it may stand for slots that no other row tells of.
            status, reason = Status.SKIPPED, "; ".join(filter(None, (overlap_reason(active[0]), due.reason)))
        deadline = job.lateness.start_deadline
        added = self._store.runs.add(
            NewRun(
                job=job.name, origin=due.origin, status=status, created_at=now, due_at=due_at, slot=due.slot,
                start_by=due_at + round(deadline * 1000) if deadline is not None else None,
                priority=job.priority, queue=job.queue, max_attempts=job.retry.retries + 1, reason=reason,
            )
        )  # fmt: skip
        if added.existed:  # somebody took the slot before its time: `run --as-scheduled`
            return
        if job.overlap is Overlap.REPLACE:
            self._stop(active, now)
        if status is Status.SKIPPED:
            self._journal.warning("run skipped", job=job.name, run=to_text(added.id), reason=reason)

    def _stop(self, active: list[Run], now: int) -> None:
        self._news.stops = True
        for run in active:
            self._store.runs.request_cancel(run.id, signal.SIGTERM, REPLACED_BY, now)
