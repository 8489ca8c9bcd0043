"""What a running attempt uses at this moment, whether or not a daemon lives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobctl.domain.run import Attempt
from jobctl.operations.context import Context

if TYPE_CHECKING:
    from jobctl.process.usage import Usage

_BEGAN_WITHIN_MS = 60_000  # of its claim; a process that is older or younger has only inherited the pid
_SLACK_MS = 2_000


def live_use(ctx: Context, attempt: Attempt) -> Usage | None:
    """The use of its process tree now; None where it has ended, or has not been told its pid yet (half a second)."""
    if attempt.status is not None or attempt.pid is None:
        return None
    from jobctl.process import identity, usage  # for runs that run only

    ticks = identity.start_time(attempt.pid)
    if ticks is None:
        return None
    booted_at = ctx.clock.now() - ctx.clock.boottime()
    began_after = booted_at + 1000 * ticks // os.sysconf("SC_CLK_TCK") - attempt.started_at
    if not -_SLACK_MS <= began_after <= _BEGAN_WITHIN_MS:
        return None
    return usage.measure([attempt.pid]).get(attempt.pid)
