"""What is said of runs that somebody watches: where they are, since when, and how long they usually take."""

from __future__ import annotations

from jobctl.cli.render.words import counted, progress_bar, relative
from jobctl.domain.run import Run, Status
from jobctl.domain.units import format_duration

_NAMED = 3


def words_of_one(run: Run, now: int, why: str | None, usual: float | None) -> str:
    """`send runs 12s, usually 1m05s`; `now` in milliseconds, `usual` in seconds."""
    tail = f"; usually takes {_said(usual)}" if usual is not None else ""
    if run.status is Status.RUNNING:
        since = _said(max(0, now - (run.started_at or now)) / 1000)
        usually = f", usually {_said(usual)}" if usual is not None else ""
        return f"{run.job} {_progress(run)}runs {since}{usually}"
    if run.status in (Status.SCHEDULED, Status.RETRYING):
        what = "starts" if run.status is Status.SCHEDULED else f"attempt {run.attempt + 1} starts"
        return f"{run.job} {what} {relative(run.due_at, now)}{tail}"
    return f"{run.job} waits {_said(max(0, now - run.due_at) / 1000)}{f' ({why})' if why else ''}{tail}"


def words_of_many(runs: list[Run], total: int, now: int) -> str:
    """`2 of 3 runs left: sales (running 40%), stock (queued)`."""
    named = ", ".join(f"{run.job} ({_state(run)})" for run in runs[:_NAMED])
    more = f" and {len(runs) - _NAMED:,} more" if len(runs) > _NAMED else ""
    return f"{len(runs):,} of {counted(total, 'run')} left: {named}{more}"


def _state(run: Run) -> str:
    done = f" {run.progress:.0f}%" if run.progress is not None and run.status is Status.RUNNING else ""
    return f"{run.status.word}{done}"


def _progress(run: Run) -> str:
    if run.progress is None:
        return ""
    message = f"{run.message}, " if run.message else ""
    return f"{progress_bar(run.progress)} {run.progress:.0f}% {message}"


def _said(seconds: float) -> str:
    return format_duration(int(seconds) if seconds >= 1 else seconds)
