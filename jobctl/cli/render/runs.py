"""Runs in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import (
    cpu_words,
    local_words,
    meaning_of,
    outcome_words,
    reason_beside_outcome,
    relative,
    short_time,
    size_words,
    took,
)
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text


def run_columns(
    runs: Sequence[Run],
    now: int,
    *,
    with_job: bool = True,
    with_use: bool = False,
    reasons: Mapping[int, str] | None = None,
) -> list[Column]:
    """The columns of a table of runs; `now` in milliseconds. `with_use`: also what they used of the machine, where the
    screen is wide enough. `reasons`: why queued ones wait, by id."""
    known = reasons or {}
    job = [name_column("JOB", [run.job for run in runs])] if with_job else []
    return [
        Column("RUN", [to_text(run.id) for run in runs], [Meaning.FAINT] * len(runs)),
        *job,
        Column("STATUS", [outcome_words(run) for run in runs], [meaning_of(run.status) for run in runs]),
        Column("WHEN", [short_time(_when(run), now) for run in runs], rank=1),
        Column("TOOK", [_took(run, now) for run in runs], right=True, rank=2),
        *(_use_columns(runs) if with_use else ()),
        Column("TRY", [_tries(run) for run in runs], rank=4),
        Column("ORIGIN", [_origin(run) for run in runs], rank=5),
        Column("REASON", [known.get(run.id) or _remark(run, now) for run in runs], rank=3, least=16),
    ]


def _use_columns(runs: Sequence[Run]) -> list[Column]:
    """Of all attempts together; memory is the most that there was at once. It gives way before all else."""
    return [
        Column("CPU", [cpu_words(run.cpu_seconds) for run in runs], right=True, rank=6),
        Column("MEMORY", [size_words(run.max_rss_bytes) for run in runs], right=True, rank=6),
        Column("READ", [size_words(run.read_bytes or None) for run in runs], right=True, rank=7),
        Column("WRITTEN", [size_words(run.written_bytes or None) for run in runs], right=True, rank=7),
    ]


def is_in_order_of_starts(runs: Sequence[Run]) -> bool:
    """Whether the times that a table shows, in whole seconds, fall from row to row: runs come in the order of their
    making. What was made together and started within a second of each other is in order as far as anybody can see."""
    shown = [_when(run) // 1000 for run in runs]
    return shown == sorted(shown, reverse=True)


def _when(run: Run) -> int:
    """When it started; a run that has not (or never did): when it was or is due, or was cancelled before that."""
    return run.started_at or min(run.due_at, run.finished_at or run.due_at)


def _took(run: Run, now: int) -> str:
    end = now if run.status is Status.RUNNING else run.finished_at
    return took(run.started_at, end)


def _tries(run: Run) -> str:
    """`2/3` from the second attempt on."""
    return f"{run.attempt}/{run.max_attempts}" if run.attempt > 1 or run.status is Status.RETRYING else ""


def _origin(run: Run) -> str:
    """Why it exists; of a chain with the run that started it."""
    return run.origin.word if run.parent_id is None else f"{run.origin.word} {to_text(run.parent_id)}"


def _remark(run: Run, now: int) -> str:
    """The reason; for what waits, until when; for what runs, its own message."""
    if run.status in (Status.SCHEDULED, Status.RETRYING):
        return f"starts {relative(run.due_at, now)}"
    if run.status is Status.RUNNING and run.message:
        return run.message
    return local_words(reason_beside_outcome(run), now)
