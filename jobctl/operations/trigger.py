"""Runs by hand, and in the place of a slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobctl.domain.run import Origin
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound, Refused, UsageError
from jobctl.operations.context import Context
from jobctl.operations.definitions import load_configuration, next_slots, starts_after
from jobctl.operations.enqueue import enqueue, make_runs
from jobctl.operations.obstacle import general_hold
from jobctl.operations.request import PLAIN, Request

if TYPE_CHECKING:
    from jobctl.domain.settings import Configuration


def trigger(ctx: Context, names: Sequence[str], *, as_scheduled: bool = False) -> list[int]:
    """Queue one run of each job by hand, durably, and ring; the ids in the order of the names."""
    if as_scheduled:
        return trigger_as_scheduled(ctx, names, PLAIN)
    return [run.id for run in enqueue(ctx, names, PLAIN, Origin.MANUAL)]


def trigger_as_scheduled(ctx: Context, names: Sequence[str], request: Request) -> list[int]:
    """The same where each run takes the place of its job's next slot. UsageError: there is no such slot. Refused: it
    has a run already; then nothing was queued."""
    configuration = load_configuration(ctx)
    slots = _slots(configuration, names, ctx.clock.now())
    planned = [row.name for row in ctx.store.jobs.rows(names) if row.next_at is not None]
    following = starts_after(configuration, {name: slots[name] for name in planned})
    with ctx.store.transaction():
        added = make_runs(ctx, slots, request, Origin.MANUAL)
        for name, run in zip(slots, added, strict=True):
            if run.existed:
                raise Refused(
                    f"the next slot of {name} has a run already: {to_text(run.id)}",
                    f"`jobctl show {to_text(run.id)}` says what became of it",
                )
        ctx.store.jobs.plan_next(following)
    ctx.ring()
    return [run.id for run in added]


def refuse_while_paused(ctx: Context) -> None:
    """Refused while everything is paused."""
    hold = general_hold(ctx)
    if hold is not None:
        raise Refused(hold, "`jobctl resume` lets starts go on; with --detach the run waits until then")


def _slots(configuration: Configuration, names: Sequence[str], now: int) -> dict[str, int]:
    for name in names:
        if name not in configuration.jobs:
            raise NotFound(f"{name} is not in the jobs file any more", "`jobctl reload` tells the daemon")
    slots = {}
    for name, slot in next_slots(configuration, names, now).items():
        if slot is None:
            raise UsageError(f"{name} has no next slot: no clock starts it", "leave out --as-scheduled")
        slots[name] = slot
    return slots
