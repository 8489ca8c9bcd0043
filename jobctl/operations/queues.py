"""The queues that have something to tell: runs that wait or run, a limit, a pause."""

from typing import NamedTuple

from jobctl.domain.rate_limit import Bucket, RateLimit, carried_over, next_start_at
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import queue_settings
from jobctl.store.records import Pause, QueueLoad


class QueueState(NamedTuple):
    """One queue now. `next_start_at` is set while its rate limit lets nothing start."""

    name: str
    waiting: int
    running: int
    max_concurrent: int | None
    rate: RateLimit | None
    next_start_at: int | None
    pause: Pause | None


def queues(ctx: Context, pauses: tuple[Pause, ...]) -> tuple[QueueState, ...]:
    """All of them by name. Limits are those that the daemon in force, or the last one, has said it keeps to."""
    now = ctx.clock.now()
    limits = {name: _limits(found) for name, found in queue_settings(ctx.store.service.info()).items()}
    loads = {load.queue: load for load in ctx.store.runs.queue_loads()}
    paused = {pause.queue: pause for pause in pauses if pause.queue is not None}
    buckets = ctx.store.rates.buckets()
    found = []
    for name in sorted(limits.keys() | loads.keys() | paused.keys()):
        load = loads.get(name, QueueLoad(name, 0, 0))
        at_once, rate = limits.get(name, (None, None))
        next_start = None if rate is None else _next_start(buckets.get(name), rate, now)
        found.append(QueueState(name, load.waiting, load.running, at_once, rate, next_start, paused.get(name)))
    return tuple(found)


def _next_start(bucket: Bucket | None, rate: RateLimit, now: int) -> int | None:
    at = next_start_at(carried_over(bucket, rate, now), rate)
    return at if at > now else None


def _limits(settings: dict[str, object]) -> tuple[int | None, RateLimit | None]:
    at_once, rate = settings.get("max_concurrent"), settings.get("rate_limit")
    return (
        at_once if isinstance(at_once, int) else None,
        RateLimit(*rate) if isinstance(rate, list) else None,
    )
