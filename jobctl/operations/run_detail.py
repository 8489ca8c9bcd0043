"""One run with its attempts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jobctl.domain.run import Attempt, Run
from jobctl.operations.context import Context


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


def run_detail(ctx: Context, run: Run) -> RunDetail:
    """Everything about a run."""
    attempts = ctx.store.attempts.of_run(run.id)
    return RunDetail(run, tuple(AttemptDetail(attempt, _log_of(ctx, attempt)) for attempt in attempts))


def _log_of(ctx: Context, attempt: Attempt) -> Path | None:
    path = ctx.places.log_file(attempt.run_id, attempt.number)
    return path if path.exists() else None
