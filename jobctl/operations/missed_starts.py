"""Jobs that nobody starts, as health and the doctor tell of them: they look as they did after their last run."""

from __future__ import annotations

from jobctl.domain.units import format_duration
from jobctl.operations.context import Context
from jobctl.operations.saying import full_time

_TOO_OFTEN = 3  # in a row; fewer may be a reboot that somebody planned, or a busy night
_NAMED = 3


def missed_in_short(ctx: Context) -> str | None:
    """The jobs that have missed too many starts in a row, in one sentence; None where there are none."""
    now = ctx.clock.now()
    missed = ctx.store.jobs.missed_in_a_row(_TOO_OFTEN)
    if not missed:
        return None
    each = [f"{one.job} {one.missed:,} for {format_duration((now - one.since) // 1000)}" for one in missed[:_NAMED]]
    more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    return f"starts missed in a row: {', '.join(each)}{more} (`jobctl why {missed[0].job}`)"


def missed_in_full(ctx: Context) -> tuple[str, str] | None:
    """The same with since when, and what tells more."""
    missed = ctx.store.jobs.missed_in_a_row(_TOO_OFTEN)
    if not missed:
        return None
    each = [f"{one.job} has not started since {full_time(one.since)}, {one.missed:,} slots missed" for one in missed]
    more = [f"and {len(missed) - _NAMED} more"] if len(missed) > _NAMED else []
    return "; ".join(each[:_NAMED] + more), f"`jobctl why {missed[0].job}` says what was in the way"
