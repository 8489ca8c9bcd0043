"""Manual runs: the row that `run` writes before anything is executed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound, Refused, UsageError
from jobctl.operations.context import Context
from jobctl.operations.definitions import load_configuration, next_slots
from jobctl.operations.obstacle import general_hold


def trigger(ctx: Context, names: Sequence[str], *, as_scheduled: bool = False) -> list[int]:
    """Queue one run of each job, durably, and ring; the ids in the order of the names.

    With `as_scheduled` each run takes the place of its job's next slot. UsageError: there is no such slot.
    Refused: it has a run already; then nothing was queued.
    """
    now = ctx.clock.now()
    slots: dict[str, int | None] = dict.fromkeys(names)
    if as_scheduled:
        slots = _slots(ctx, names, now)
    with ctx.store.transaction():
        added = [(name, ctx.store.runs.add(_manual_run(ctx, name, slots[name], now))) for name in names]
        for name, run in added:
            if run.existed:
                raise Refused(
                    f"the next slot of {name} has a run already: {to_text(run.id)}",
                    f"`jobctl show {to_text(run.id)}` says what became of it",
                )
    ctx.ring()
    return [run.id for _, run in added]


def refuse_while_paused(ctx: Context) -> None:
    """Refused while everything is paused."""
    hold = general_hold(ctx)
    if hold is not None:
        raise Refused(hold, "`jobctl resume` lets starts go on; with --detach the run waits until then")


def _manual_run(ctx: Context, name: str, slot: int | None, now: int) -> NewRun:
    keys = json.loads(ctx.store.jobs.definition(name) or "{}")
    return NewRun(
        job=name,
        origin=Origin.MANUAL,
        status=Status.QUEUED,
        created_at=now,
        due_at=now,
        slot=slot,
        priority=keys.get("priority", 5),
        queue=keys.get("queue", "default"),
        max_attempts=keys.get("retries", 0) + 1,
    )


def _slots(ctx: Context, names: Sequence[str], now: int) -> dict[str, int | None]:
    configuration = load_configuration(ctx)
    for name in names:
        if name not in configuration.jobs:
            raise NotFound(f"{name} is not in the jobs file any more", "`jobctl reload` tells the daemon")
    slots = next_slots(configuration, names, now)
    for name, slot in slots.items():
        if slot is None:
            raise UsageError(f"{name} has no next slot: no clock starts it", "leave out --as-scheduled")
    return slots
