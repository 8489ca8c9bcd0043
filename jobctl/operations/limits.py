"""How many runs may run and start: the limits of the daemon and of a queue, and who waits for what because of them.

They hold without a daemon too. `max_concurrent` of a job is in `obstacle`, which needs no settings.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobctl.domain.rate_limit import RateLimit, carried_over, next_start_at, take
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import setting
from jobctl.operations.saying import Say, shortly
from jobctl.store.records import HistoryFilter, ServiceInfo

if TYPE_CHECKING:
    from jobctl.domain.settings import Settings  # with them what a job is, which verbs that only look do not need

_MANY = 10_000
_NAMED = 3  # runs that are named before "and N more"


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for the runs of one queue; None: no such limit."""

    of_all: int | None
    of_queue: int | None = None
    rate: RateLimit | None = None


def limits_of(settings: Settings, queue: str) -> Limits:
    """The limits that the jobs file sets."""
    from jobctl.domain.settings import default_max_concurrent  # as for TYPE_CHECKING

    of_all = settings.max_concurrent or default_max_concurrent(os.cpu_count())
    of_queue = settings.queues.get(queue)
    return Limits(of_all) if of_queue is None else Limits(of_all, of_queue.max_concurrent, of_queue.rate)


def limits_in_force(info: ServiceInfo | None, queue: str) -> Limits:
    """The limits that the daemon has said are in force; none where it has said nothing yet."""
    if info is None or info.settings is None:
        return Limits(None)
    from jobctl.domain.settings import default_max_concurrent  # as for TYPE_CHECKING

    of_all, of_queue = setting(info, "daemon.max_concurrent"), setting(info, f"queues.{queue}.max_concurrent")
    rate = setting(info, f"queues.{queue}.rate_limit")
    return Limits(
        of_all if isinstance(of_all, int) else default_max_concurrent(os.cpu_count()),
        of_queue if isinstance(of_queue, int) else None,
        RateLimit(*rate) if isinstance(rate, list) else None,
    )


def limit_reached(ctx: Context, run: Run, limits: Limits, say: Say | None = None) -> str | None:
    """The limit that keeps a QUEUED run from starting, in words; None when there is room. `say` as for `obstacle`."""
    running = ctx.store.runs.counts()[Status.RUNNING]
    if limits.of_queue is not None and running >= limits.of_queue:
        in_queue = [other for other in _running_beside(ctx, run) if other.queue == run.queue]
        if len(in_queue) >= limits.of_queue:
            return f"max_concurrent = {limits.of_queue} of queue {run.queue} is reached: waits for {_names(in_queue)}"
    if (
        limits.of_all is not None
        and running >= limits.of_all
        and len(others := _running_beside(ctx, run)) >= limits.of_all
    ):
        return f"max_concurrent = {limits.of_all} of the daemon is reached: waits for {_names(others)}"
    if limits.rate is not None and (at := next_start(ctx, run.queue, limits.rate)) > (now := ctx.clock.now()):
        words = f"rate_limit = {limits.rate.words} of queue {run.queue} is reached"
        return f"{words}: the next one starts at {(say or shortly(now))(at)}"
    return None


def next_start(ctx: Context, queue: str, rate: RateLimit) -> int:
    """When the queue has a token again; an instant that has passed means now."""
    return next_start_at(carried_over(ctx.store.rates.buckets().get(queue), rate, ctx.clock.now()), rate)


def mind_bucket(ctx: Context, queue: str, rate: RateLimit) -> None:
    """Keep what the clock or a changed limit made of a bucket, so that it fills up from now on. Does nothing at most
    times."""
    stored = ctx.store.rates.buckets().get(queue)
    bucket = carried_over(stored, rate, ctx.clock.now())
    if stored is not None and bucket != stored:
        ctx.store.rates.keep(queue, bucket)


def take_token(ctx: Context, queue: str, rate: RateLimit) -> None:
    """Take the token of a start; belongs into the transaction of its claim."""
    now = ctx.clock.now()
    ctx.store.rates.keep(queue, take(carried_over(ctx.store.rates.buckets().get(queue), rate, now), rate, now))


def _running_beside(ctx: Context, run: Run) -> list[Run]:
    """All that run but the run itself, which may have been started since it was read."""
    running = ctx.store.runs.history(HistoryFilter(statuses=(Status.RUNNING,), limit=_MANY))
    return [other for other in running if other.id != run.id]


def _names(running: list[Run]) -> str:
    """The oldest, which is likely to end first, and how many more there are."""
    named = ", ".join(to_text(run.id) for run in reversed(running[-_NAMED:]))
    return named + (f" and {len(running) - _NAMED} more" if len(running) > _NAMED else "")
