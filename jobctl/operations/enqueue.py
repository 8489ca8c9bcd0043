"""Runs made on request, one of each job. Durable when the call returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobctl.domain.run import Origin
from jobctl.operations.context import Context, actor
from jobctl.operations.request import Request, RunMaker
from jobctl.store.records import AddedRun, Event


def enqueue(ctx: Context, names: Sequence[str], request: Request, origin: Origin) -> list[AddedRun]:
    """Make one run of each job and ring; in the order of the names. WrongRequest: nothing was made.

    A request with a key that a kept run of the job has already gives that run.
    """
    with ctx.store.transaction():
        added = make_runs(ctx, dict.fromkeys(names), request, origin)
    ctx.ring()
    return added


def make_runs(ctx: Context, slots: Mapping[str, int | None], request: Request, origin: Origin) -> list[AddedRun]:
    """One run of each job, in the place of its slot where it has one. Belongs into the caller's transaction."""
    makers = [(RunMaker(ctx, name, origin), slot) for name, slot in slots.items()]
    orders = [(maker, maker.order(request), slot) for maker, slot in makers]  # all are right before one is made
    now = ctx.clock.now()
    added = [ctx.store.runs.add(maker.run(order, now, slot)) for maker, order, slot in orders]
    if origin is Origin.MANUAL:
        _leave_a_trace(ctx, slots, added, now)
    return added


def _leave_a_trace(ctx: Context, slots: Mapping[str, int | None], added: Sequence[AddedRun], now: int) -> None:
    """Who ran what by hand. Not of what programs put into queues: that would be as many rows as there are runs."""
    who = actor()
    for (name, slot), run in zip(slots.items(), added, strict=True):
        if not run.existed:
            detail = None if slot is None else "as scheduled"
            ctx.store.events.record(Event(now, who, "run", job=name, run_id=run.id, detail=detail))
