"""The jobs that a verb acts on."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.invocation import Invocation
from jobctl.errors import NotFound, UsageError
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current
from jobctl.operations.freshness import refresh, refresh_runs
from jobctl.operations.history import jobs_of_history
from jobctl.operations.selection import select_jobs
from jobctl.operations.starting_daemon import await_loading, is_starting


def chosen_jobs(call: Invocation, jobs: Sequence[str] | None, group: str | None, tag: str | None) -> list[str]:
    """The names selected: first those named, in that order, then what globs found. Without any selection UsageError:
    never all jobs for want of one.

    Without a daemon the jobs file is read first if it changed: what acts must not act on old definitions. A daemon
    acts on those that it loaded; that the file has changed since is said. One that is starting is waited for before a
    job counts as missing; DaemonUnavailable when that takes too long.
    """
    if not jobs and group is None and tag is None:
        raise UsageError("which job?", "name one, or select with --group or --tag; `jobctl list` shows them")
    stale = current_definitions(call.context)
    try:
        selected = select_jobs(call.context, jobs, group, tag)
    except NotFound as error:
        if not is_starting(call.context):
            raise NotFound(error.message, " ".join(stale) or error.hint) from None
        await_loading(call.context)
        selected, stale = select_jobs(call.context, jobs, group, tag), ()
    call.console.notes(stale)
    named = [job for job in dict.fromkeys(jobs or ()) if job in selected]
    return named + sorted(set(selected).difference(named))


def chosen_starts(call: Invocation, jobs: Sequence[str] | None, group: str | None, tag: str | None) -> list[str]:
    """The same for verbs that keep jobs from starting or let them go on: of a queue it is said what does so."""
    try:
        return chosen_jobs(call, jobs, group, tag)
    except NotFound as error:
        queues = {row.queue for row in call.context.store.jobs.rows()}.intersection(jobs or ())
        for queue in sorted(queues.difference(call.context.store.jobs.names())):
            hint = f"it is a queue: `jobctl pause --queue {queue}` and `jobctl resume --queue {queue}` are for a queue"
            raise NotFound(error.message, hint) from None
        raise


def jobs_with_runs(call: Invocation, jobs: Sequence[str] | None, group: str | None, tag: str | None) -> tuple[str, ...]:
    """The jobs selected for what became of their runs, also those that are not defined any more; empty for all.

    A jobs file that cannot be used is no reason not to act on runs: its jobs are those from before then.
    """
    selects = bool(jobs or group is not None or tag is not None)
    call.console.notes(refresh_runs(call.context, with_jobs=selects))
    return jobs_of_history(call.context, jobs, group, tag)


def current_definitions(ctx: Context) -> tuple[str, ...]:
    """Without a daemon: read the jobs file if it changed. With one: what a person should know of its jobs."""
    if ctx.daemon_pid is not None:
        return refresh(ctx)
    ensure_current(ctx)
    return ()
