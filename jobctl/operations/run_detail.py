"""One run with its attempts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobctl.domain.run import Attempt, Origin, Run, RunEnd, Status
from jobctl.operations.context import Context
from jobctl.operations.live_use import live_use
from jobctl.operations.progress import with_progress
from jobctl.operations.secrecy import with_masked_params
from jobctl.operations.trail import masked_event
from jobctl.operations.waiting import why_it_waits
from jobctl.presence import is_there
from jobctl.store.records import Event
from jobctl.store.run_alerts import timeout_of

if TYPE_CHECKING:
    from jobctl.process.usage import Usage

_BLOCK = 4096
_MOST_CHILDREN = 1000
_MOST_EVENTS = 100


class AttemptDetail(NamedTuple):
    """One execution, and its log where there is one."""

    attempt: Attempt
    log: Path | None
    log_kept: int | None = None  # bytes of the log on the disk, where its middle was cut out


class RunDetail(NamedTuple):
    """A run and its attempts, the oldest first."""

    run: Run
    attempts: tuple[AttemptDetail, ...]
    waits: str | None = None  # why it has not started, for a QUEUED run
    parents: tuple[RunEnd, ...] = ()  # the ends that started it, the newest first
    children: tuple[Run, ...] = ()  # the runs that its ends started, the oldest first
    events: tuple[Event, ...] = ()  # what people did to it, the oldest first
    use: Usage | None = None  # of the attempt that runs, now
    timeout: float | None = None  # seconds that its last attempt was allowed, where it timed out


def run_detail(ctx: Context, run: Run) -> RunDetail:
    """Everything about a run."""
    attempts = ctx.store.attempts.of_run(run.id)
    waits = why_it_waits(ctx, run) if run.status is Status.QUEUED else None
    [shown] = with_masked_params(ctx, with_progress(ctx, [run]))
    return RunDetail(
        shown,
        tuple(_detail(ctx, attempt) for attempt in attempts),
        waits,
        tuple(ctx.store.chains.parents(run.id)) if run.origin is Origin.CHAIN else (),
        tuple(ctx.store.chains.children(run.id, _MOST_CHILDREN)),
        tuple(masked_event(ctx, one) for one in reversed(ctx.store.events.of_run(run.job, run.id, _MOST_EVENTS))),
        live_use(ctx, attempts[-1]) if attempts and run.status is Status.RUNNING else None,
        timeout_of(ctx.store, run) if run.status is Status.TIMED_OUT else None,
    )


def _detail(ctx: Context, attempt: Attempt) -> AttemptDetail:
    log = _log_of(ctx, attempt)
    return AttemptDetail(attempt, log, _kept(log) if log is not None else None)


def _kept(log: Path) -> int | None:
    """Blocks are written for what is kept; the hole in the middle has none. None: it is whole, or small."""
    status = log.stat()
    held = status.st_blocks * 512
    return held if held + _BLOCK <= status.st_size else None


def _log_of(ctx: Context, attempt: Attempt) -> Path | None:
    path = ctx.places.log_file(attempt.run_id, attempt.number)
    return path if is_there(path) else None
