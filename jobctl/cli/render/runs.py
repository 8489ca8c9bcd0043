"""Runs in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import meaning_of, outcome_words, reason_beside_outcome, relative, short_time, took
from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.run_id import to_text


def run_columns(
    runs: Sequence[Run], now: int, *, with_job: bool = True, reasons: Mapping[int, str] | None = None
) -> list[Column]:
    """The columns of a table of runs; `now` in milliseconds. `reasons`: why queued ones wait, by id."""
    known = reasons or {}
    job = [Column("JOB", [run.job for run in runs], [Meaning.STRONG] * len(runs), least=14)] if with_job else []
    return [
        Column("RUN", [to_text(run.id) for run in runs], [Meaning.FAINT] * len(runs)),
        *job,
        Column("STATUS", [outcome_words(run) for run in runs], [meaning_of(run.status) for run in runs]),
        Column("WHEN", [short_time(_when(run), now) for run in runs]),
        Column("TOOK", [_took(run, now) for run in runs], right=True),
        Column("TRY", [_tries(run) for run in runs], rank=3),
        Column("ORIGIN", [_origin(run) for run in runs], rank=4),
        Column("REASON", [known.get(run.id) or _remark(run, now) for run in runs], rank=2, least=16),
    ]


def run_line(run: Run, now: int) -> list[str]:
    """The same for one run, as a follower prints it: time, id, job, status, duration, reason."""
    return [
        short_time(_when(run), now),
        to_text(run.id),
        run.job,
        outcome_words(run),
        _took(run, now),
        reason_beside_outcome(run),
    ]


def _when(run: Run) -> int:
    """When it started; a run that has not (or never did): when it was or is due."""
    return run.started_at or run.due_at


def _took(run: Run, now: int) -> str:
    end = now if run.status is Status.RUNNING else run.finished_at
    return took(run.started_at, end)


def _tries(run: Run) -> str:
    """`2/3` from the second attempt on."""
    return f"{run.attempt}/{run.max_attempts}" if run.attempt > 1 or run.status is Status.RETRYING else ""


def _origin(run: Run) -> str:
    return "" if run.origin is Origin.SCHEDULE else run.origin.word


def _remark(run: Run, now: int) -> str:
    """The reason; for what waits, until when; for what runs, its own message."""
    if run.status in (Status.SCHEDULED, Status.RETRYING):
        return f"starts {relative(run.due_at, now)}"
    if run.status is Status.RUNNING and run.message:
        return run.message
    return reason_beside_outcome(run)
