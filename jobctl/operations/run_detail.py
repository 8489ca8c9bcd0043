"""One run with its attempts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jobctl.domain.run import Attempt, Run, Status
from jobctl.operations.context import Context
from jobctl.operations.waiting import why_it_waits


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """One execution, and its log where there is one."""

    attempt: Attempt
    log: Path | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A run and its attempts, the oldest first."""

    run: Run
    attempts: tuple[AttemptDetail, ...]
    waits: str | None = None  # why it has not started, for a QUEUED run


def run_detail(ctx: Context, run: Run) -> RunDetail:
    """Everything about a run."""
    attempts = ctx.store.attempts.of_run(run.id)
    waits = why_it_waits(ctx, run) if run.status is Status.QUEUED else None
    return RunDetail(run, tuple(AttemptDetail(attempt, _log_of(ctx, attempt)) for attempt in attempts), waits)


def _log_of(ctx: Context, attempt: Attempt) -> Path | None:
    path = ctx.places.log_file(attempt.run_id, attempt.number)
    return path if path.exists() else None
