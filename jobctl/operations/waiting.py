"""Why queued runs do not start: what is in their way, or in the daemon's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jobctl.domain.run import Run, Status
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import draining, silence

if TYPE_CHECKING:
    from jobctl.operations.saying import Say

_ASKED_AT_MOST = 20  # runs of one listing; the reasons of the others are much the same


def why_it_waits(ctx: Context, run: Run, say: Say | None = None) -> str | None:
    """Why a QUEUED run has not started, in words; None when it is about to. `say` as for `obstacle`."""
    pid = ctx.daemon_pid
    if pid is None:
        return "no daemon is running that would start it"
    # What a jobs file may say, only where something waits.
    from jobctl.operations.limits import limit_reached, limits_in_force
    from jobctl.operations.obstacle import obstacle

    info = ctx.store.service.info()
    drains = draining(ctx, info)
    if drains is not None:
        return drains.sentence
    found = obstacle(ctx, run, say) or limit_reached(ctx, run, limits_in_force(info, run.queue), say)
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
