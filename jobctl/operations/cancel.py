"""`cancel`: waiting runs are withdrawn at once, running ones asked to stop, politely first and then not."""

from __future__ import annotations

import enum
import json
import signal as signals
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import UsageError
from jobctl.operations.context import Context, actor
from jobctl.operations.pace import Pace
from jobctl.operations.selection import get_run
from jobctl.operations.settlement import follow, unfinished_attempt, why_unsettled
from jobctl.operations.slices import sliced
from jobctl.process.recovery_view import stop_keeper, stop_unsupervised
from jobctl.store.records import Event, HistoryFilter

_WAITING = (Status.SCHEDULED, Status.QUEUED, Status.RETRYING)
_ALL = 1 << 62
_BEYOND_GRACE_MS = 3_000  # for SIGKILL, the keeper's record and the commit


class Cancelled(enum.Enum):
    """What came of the request."""

    WITHDRAWN = "withdrawn"  # it waited, and will not start
    STOPPED = "stopped"  # it ran, and has ended
    STOPPING = "stopping"  # it still runs; the request stands
    RUNNING = "running"  # it ran, and only waiting ones were meant
    ENDED = "ended"  # it had ended before


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One run after the request."""

    run: Run
    result: Cancelled


def runs_of_jobs(ctx: Context, names: Sequence[str] | None, *, only_waiting: bool) -> list[int]:
    """Ids of the unfinished runs of the jobs, or of all jobs, oldest first."""
    statuses = _WAITING if only_waiting else (*_WAITING, Status.RUNNING)
    wanted = HistoryFilter(jobs=tuple(names or ()), statuses=statuses, limit=_ALL)
    found = ctx.store.runs.history_ids(wanted)
    found.reverse()
    return found


def signal_number(text: str) -> int:
    """9 for `9`, `KILL`, `kill` and `SIGKILL`. UsageError for what ends no process or is no signal."""
    word = text.strip().upper().removeprefix("SIG")
    try:
        found = signals.Signals(int(word)) if word.isdigit() else signals.Signals[f"SIG{word}"]
    except (KeyError, ValueError):
        known = "TERM, INT, HUP, QUIT, USR1, USR2 or KILL"
        raise UsageError(f"there is no signal `{text}`", f"write {known}, or a number") from None
    return int(found)


def cancel(ctx: Context, run_ids: Sequence[int], signal: int, *, only_waiting: bool = False) -> Iterator[Cancellation]:
    """Cancel the runs, in slices, and wait for those that ran until they end or their grace has passed. Then what came
    of it, in their order; each run is read when it is asked for, since there may be a million."""
    acted = _ask(ctx, run_ids, signal, only_waiting=only_waiting)
    running = [run_id for run_id, status in zip(run_ids, acted, strict=True) if status is Status.RUNNING]
    _see_to_the_end(ctx, running, signal)
    return (_result(ctx, run_id, status) for run_id, status in zip(run_ids, acted, strict=True))


def foretell(ctx: Context, run_ids: Sequence[int], *, only_waiting: bool = False) -> Iterator[Cancellation]:
    """What `cancel` would do to each of them as they are now, in their order; nothing is changed. One that runs, and
    is meant, is told as being stopped."""
    meant = _WAITING if only_waiting else (*_WAITING, Status.RUNNING)
    statuses = (get_run(ctx, run_id).status for run_id in run_ids)
    acted = (status if status in meant else None for status in statuses)
    return (_result(ctx, run_id, status) for run_id, status in zip(run_ids, acted, strict=True))


def ask_to_cancel(ctx: Context, run_id: int, signal: int) -> Cancellation:
    """As `cancel`, for who has no time to wait: a run that ran is still being stopped."""
    (acted,) = _ask(ctx, [run_id], signal, only_waiting=False)
    if acted is Status.RUNNING and ctx.daemon_pid is None:
        stop_without_daemon(ctx, run_id, signal)
    return _result(ctx, run_id, acted)


def _ask(ctx: Context, run_ids: Sequence[int], signal: int, *, only_waiting: bool) -> list[Status | None]:
    """Write the requests down and tell the daemon; in which status each run was, None: nothing was to be done."""
    now, who = ctx.clock.now(), actor()
    acted: list[Status | None] = []
    for part in sliced(run_ids):
        with ctx.store.transaction():
            for run_id in part:
                if only_waiting:
                    acted.append(_withdraw(ctx, run_id, who, now))
                else:
                    acted.append(ctx.store.runs.request_cancel(run_id, signal, who, now))
            follow(ctx)
    ctx.ring()
    return acted


def _withdraw(ctx: Context, run_id: int, who: str, now: int) -> Status | None:
    """Cancel the run if it waits, and only then, even should it start at this very moment."""
    run = get_run(ctx, run_id)
    if run.status not in _WAITING:
        return None
    if not ctx.store.runs.move(run_id, run.status, Status.CANCELLED, now, f"cancelled by {who}"):
        return None
    ctx.store.events.record(Event(now, who, "cancel", job=run.job, run_id=run_id))
    return run.status


def _see_to_the_end(ctx: Context, running: Sequence[int], signal: int) -> None:
    if not running:
        return
    deadline = ctx.clock.boottime() + _BEYOND_GRACE_MS + max(_grace_ms(ctx, run_id) for run_id in running)
    told: set[int] = set()
    pace = Pace()
    while left := [run_id for run_id in running if not get_run(ctx, run_id).status.is_final]:
        if ctx.clock.boottime() >= deadline:
            return
        if ctx.daemon_pid is None:
            for run_id in left:
                if run_id not in told:
                    stop_without_daemon(ctx, run_id, signal)
                    told.add(run_id)
                why_unsettled(ctx, run_id)  # or it stays as it is: its record cannot be read, say
        pace.rest()


def stop_without_daemon(ctx: Context, run_id: int, signal: int) -> None:
    """Where no daemon passes a request on: stop the run's attempt, by its keeper or without."""
    attempt = unfinished_attempt(ctx.store, run_id)
    if attempt is None:
        return
    keepers = ctx.places.keepers_dir
    if not stop_keeper(keepers, attempt.keeper, kill=signal == signals.SIGKILL):
        stop_unsupervised(keepers, attempt.keeper, attempt.token, to_text(run_id), attempt.number, signal)


def _result(ctx: Context, run_id: int, acted: Status | None) -> Cancellation:
    run = get_run(ctx, run_id)
    if acted is None:
        return Cancellation(run, Cancelled.ENDED if run.status.is_final else Cancelled.RUNNING)
    if acted is not Status.RUNNING:
        return Cancellation(run, Cancelled.WITHDRAWN)
    return Cancellation(run, Cancelled.STOPPED if run.status.is_final else Cancelled.STOPPING)


def _grace_ms(ctx: Context, run_id: int) -> int:
    definition = ctx.store.jobs.definition(get_run(ctx, run_id).job)
    return round(1000 * float(json.loads(definition)["grace"])) if definition else 10_000
