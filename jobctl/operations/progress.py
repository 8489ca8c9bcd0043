"""How far running jobs say that they are: said from inside a job, and seen by those who look."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import prefix_range, to_text
from jobctl.errors import NotFound, Refused, UsageError
from jobctl.operations.context import Context
from jobctl.operations.secrecy import masked_text
from jobctl.presence import is_folder, is_there
from jobctl.process import progress_file

_WHEN = "progress is kept while an attempt runs"


class Speaker(NamedTuple):
    """The attempt that a call comes from, as its environment says."""

    run_id: str
    attempt: int


def speaker(run_id: str | None, attempt: str | None) -> Speaker:
    """UsageError outside of a job, or where what jobctl said to it was changed."""
    if not run_id or not attempt:
        raise UsageError(
            "progress is said from inside a job: JOBCTL_RUN_ID and JOBCTL_ATTEMPT are not set here",
            "call it in a job's command; whoever starts programs for it hands these variables on",
        )
    if prefix_range(run_id) is None or not attempt.isdecimal():
        raise UsageError("JOBCTL_RUN_ID or JOBCTL_ATTEMPT has been changed", "leave them as jobctl sets them")
    return Speaker(run_id, int(attempt))


def report(ctx: Context, who: Speaker, percent: float, message: str | None) -> None:
    """Say how far the attempt is. NotFound: there is no such run; Refused: the attempt has ended. OSError.

    Without a message the one before stays. The store is asked the first time only: it is not for every user, and a
    job may call this in a loop.
    """
    place = (str(ctx.places.state_dir), who.run_id, who.attempt)
    if progress_file.update(*place, percent, message):
        return
    if not progress_file.is_foreign(who.run_id, who.attempt):  # its folder is gone with the attempt
        _refuse_unless_running(ctx, who)
    progress_file.create(*place, percent, message)


def with_progress(ctx: Context, runs: Iterable[Run]) -> list[Run]:
    """The same runs; those that run now with what they said last."""
    return [_said(ctx, run) if run.status is Status.RUNNING else run for run in runs]


def _said(ctx: Context, run: Run) -> Run:
    found = raw_progress(ctx, run)
    if found is None:
        return run
    percent, message = found
    return run._replace(progress=percent, message=message and masked_text(ctx, run.job, message))


def raw_progress(ctx: Context, run: Run) -> tuple[float, str | None] | None:
    """What the running attempt said last, its secrets not yet masked; None: nothing."""
    return progress_file.read(str(ctx.places.state_dir), to_text(run.id), run.attempt)


def _refuse_unless_running(ctx: Context, who: Speaker) -> None:
    if is_folder(ctx.places.state_dir) and not os.access(ctx.places.state_dir, os.X_OK):
        raise Refused(f"run {who.run_id} has ended, or is that of another user", _WHEN)
    ids = prefix_range(who.run_id)
    found = ctx.store.runs.find(ids) if ids is not None and is_there(ctx.places.database) else []
    if len(found) != 1:
        raise NotFound(f"there is no run `{who.run_id}` in {ctx.places.state_dir}", _WHEN)
    run = found[0]
    if run.status is not Status.RUNNING or run.attempt != who.attempt:
        now = f"at attempt {run.attempt}" if run.attempt != who.attempt else run.status.word.replace("_", " ")
        raise Refused(f"attempt {who.attempt} of {run.job} {who.run_id} has ended: the run is {now}", _WHEN)
