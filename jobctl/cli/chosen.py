"""The jobs that a verb acts on."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.errors import UsageError
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current
from jobctl.operations.selection import select_jobs


def chosen_jobs(ctx: Context, jobs: Sequence[str] | None, group: str | None, tag: str | None) -> list[str]:
    """The names selected: first those named, in that order, then what globs found. Without any selection UsageError:
    never all jobs for want of one.

    Without a daemon the jobs file is read first if it changed: what acts must not act on old definitions.
    """
    if not (jobs or group or tag):
        raise UsageError("which job?", "name one, or select with --group or --tag; `jobctl list` shows them")
    ensure_current(ctx)
    selected = select_jobs(ctx, jobs, group, tag)
    named = [job for job in dict.fromkeys(jobs or ()) if job in selected]
    return named + sorted(set(selected).difference(named))
