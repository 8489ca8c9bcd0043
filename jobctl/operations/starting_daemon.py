"""A daemon that is starting holds its lock before it has taken its jobs file into force. What is not in the store by
then is not known to be missing."""

from __future__ import annotations

from collections.abc import Callable

from jobctl.errors import DaemonUnavailable
from jobctl.operations.context import Context
from jobctl.operations.pace import Pace

_AT_MOST_MS = 5_000  # a start takes a tenth of that, one with ten thousand jobs or much to recover half


def await_first_jobs(ctx: Context) -> None:
    """Where a daemon lives and no jobs file was ever taken into force here: wait until one was, or the daemon is gone,
    a few seconds at most."""
    _await(ctx, lambda: is_starting(ctx) and not ctx.store.jobs.files())


def await_loading(ctx: Context) -> None:
    """The same where the jobs are those of the daemon before: wait until the one that starts has begun its work.
    DaemonUnavailable when it has not by then: nobody can say what is missing."""
    if _await(ctx, lambda: is_starting(ctx)):
        raise DaemonUnavailable(
            f"the daemon (pid {ctx.daemon_pid}) is starting and has not taken the jobs file into force yet",
            "call again in a moment; its own log says what keeps it",
        )


def await_no_more(ctx: Context) -> None:
    """From now on a call with this context takes what is stored for all there is: for what must not stand still."""
    ctx.start_awaited_until = ctx.clock.boottime()


def _await(ctx: Context, lacks: Callable[[], bool]) -> bool:
    """Whether a living daemon still lacks it when the patience is over: all waits of a context share one."""
    pace = Pace()
    while ctx.daemon_pid is not None and lacks():
        instant = ctx.clock.boottime()
        if ctx.start_awaited_until is None:
            ctx.start_awaited_until = instant + _AT_MOST_MS
        if instant >= ctx.start_awaited_until:
            return True
        pace.rest()
    return False


def is_starting(ctx: Context) -> bool:
    """Whether a daemon lives that has not begun its work yet."""
    pid, info = ctx.daemon_pid, ctx.store.service.info()
    return pid is not None and (info is None or info.pid != pid)
