"""Why queued runs do not start: what is in their way, or in the daemon's."""

from __future__ import annotations

from collections.abc import Iterable

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import draining, setting, silence
from jobctl.store.records import HistoryFilter

_MANY = 10_000
_ASKED_AT_MOST = 20  # runs of one listing; the reasons of the others are much the same
_NAMED = 3


def why_it_waits(ctx: Context, run: Run) -> str | None:
    """Why a QUEUED run has not started, in words; None when it is about to."""
    pid = ctx.daemon_pid
    if pid is None:
        return "no daemon is running that would start it"
    from jobctl.operations.obstacle import obstacle  # what a jobs file may say, only where something waits

    drains = draining(ctx, ctx.store.service.info())
    if drains is not None:
        return drains.sentence
    found = obstacle(ctx, run) or _limit_reached(ctx, run)
    if found is None and (word := silence(ctx, pid)) is not None:
        return word.sentence
    return found


def reasons(ctx: Context, runs: Iterable[Run]) -> dict[int, str]:
    """The same for the queued ones among the runs, the first of them only, by id."""
    queued = [run for run in runs if run.status is Status.QUEUED][:_ASKED_AT_MOST]
    found = {run.id: why_it_waits(ctx, run) for run in queued}
    return {run_id: why for run_id, why in found.items() if why is not None}


def waiting(ctx: Context, limit: int) -> list[Run]:
    """QUEUED runs in the order in which they should start."""
    return ctx.store.runs.waiting(limit, (), ())


def _limit_reached(ctx: Context, run: Run) -> str | None:
    """The limits of the queue and of the daemon, as the daemon has said that they are in force."""
    info = ctx.store.service.info()
    of_queue = setting(info, f"queues.{run.queue}.max_concurrent")
    of_all = setting(info, "daemon.max_concurrent")
    if of_queue is None and of_all is None:
        return None
    running = ctx.store.runs.history(HistoryFilter(statuses=(Status.RUNNING,), limit=_MANY))
    in_queue = [other for other in running if other.queue == run.queue]
    if isinstance(of_queue, int) and len(in_queue) >= of_queue:
        return f"max_concurrent = {of_queue} of queue {run.queue} is reached: waits for {_names(in_queue)}"
    if isinstance(of_all, int) and len(running) >= of_all:
        return f"max_concurrent = {of_all} of the daemon is reached: waits for {_names(running)}"
    return None


def _names(running: list[Run]) -> str:
    """The oldest, which is likely to end first, and how many more there are."""
    named = ", ".join(to_text(run.id) for run in reversed(running[-_NAMED:]))
    return named + (f" and {len(running) - _NAMED} more" if len(running) > _NAMED else "")
