"""What keeps a queued run from starting, in words for the person who waits for it."""

from __future__ import annotations

import json

from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.domain.settings import DISK_RESERVE_BYTES
from jobctl.domain.units import format_size
from jobctl.operations.context import Context
from jobctl.operations.idle_wait import busy_host
from jobctl.operations.saying import Say, shortly
from jobctl.operations.selection import running_of
from jobctl.operations.status import disk_free
from jobctl.store.records import Pause

_NAMED = 3  # runs that are named before "and N more"


def obstacle(ctx: Context, run: Run, say: Say | None = None) -> str | None:
    """Why a QUEUED run does not start; None when nothing that the store or the disk knows is in its way. `say`: how
    instants are said, if not as short as they are clear."""
    now = ctx.clock.now()
    for pause in ctx.store.switches.pauses(now):
        if pause.queue is None or pause.queue == run.queue:
            return _held(pause, say or shortly(now))
    definition = json.loads(ctx.store.jobs.definition(run.job) or "{}")
    limit = int(definition.get("max_concurrent", 1))
    running = [other for other in running_of(ctx, run.job) if other.id != run.id]  # it may be by now
    if len(running) >= limit:
        names = ", ".join(to_text(other.id) for other in running[:_NAMED])
        more = f" and {len(running) - _NAMED} more" if len(running) > _NAMED else ""
        return f"max_concurrent = {limit} of {run.job} is reached: waits for {names}{more}"
    if (free := disk_free(ctx)) < DISK_RESERVE_BYTES:
        where = f"the disk of {ctx.places.state_dir} has {format_size(free)} free"
        return f"{where}: nothing starts below {format_size(DISK_RESERVE_BYTES)}"
    return busy_host(definition, run, now)


def general_hold(ctx: Context) -> str | None:
    """Who holds all starts since when, in one sentence; None when nobody does."""
    now = ctx.clock.now()
    return next((_held(pause, shortly(now)) for pause in ctx.store.switches.pauses(now) if pause.queue is None), None)


def queue_holds(ctx: Context) -> str | None:
    """Which queues, of those in which runs wait, who holds since when; None when nobody does."""
    now = ctx.clock.now()
    pauses = [pause for pause in ctx.store.switches.pauses(now) if pause.queue is not None]
    if not pauses:
        return None
    waiting = {load.queue: load.waiting for load in ctx.store.runs.queue_loads() if load.waiting}
    held = [(_held(one, shortly(now)), waiting[one.queue]) for one in pauses if one.queue in waiting]
    return "; ".join(f"{words}, {count:,} wait{'s' if count == 1 else ''}" for words, count in held) or None


def _held(pause: Pause, say: Say) -> str:
    what = "everything" if pause.queue is None else f"queue {pause.queue}"
    until = "" if pause.until is None else f", until {say(pause.until)}"
    reason = f" ({pause.reason})" if pause.reason else ""
    return f"{what} is paused by {pause.by} since {say(pause.since)}{until}{reason}"
