"""Disablings whose time is over, ended by who finds them where no daemon has done it."""

from __future__ import annotations

from jobctl.operations.context import Context


def end_what_is_over(ctx: Context, now: int) -> None:
    """End each disabling whose time has come: the job is shown, enabled and disabled again as what it is, and what was
    due since its end is not lost. Without a daemon its next start is planned, too."""
    over = ctx.store.jobs.over(now)
    if not over:
        return
    with ctx.store.transaction():
        ended = [name for name in over if ctx.store.jobs.end_disabled(name, now)]
        if ended and ctx.daemon_pid is None:
            from jobctl.operations.upcoming import next_start_of  # their schedules, only then

            ctx.store.jobs.plan_next({row.name: next_start_of(ctx, row) for row in ctx.store.jobs.rows(ended)})
