"""Whether what the store says of the jobs is what the jobs file says, for verbs that only look."""

from __future__ import annotations

import contextlib

from jobctl.config.places import places_looked_at
from jobctl.config.safety import shown, why_unusable
from jobctl.errors import DiskFull, JobctlError, JobsFileError
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current, is_current, load_configuration
from jobctl.operations.disablings import end_what_is_over
from jobctl.operations.named_file import has_loaded
from jobctl.operations.service_places import start_command
from jobctl.operations.starting_daemon import await_first_jobs
from jobctl.presence import is_there
from jobctl.store.records import HistoryFilter


def refresh(ctx: Context, *, of_file: bool = True) -> tuple[str, ...]:
    """Bring the stored jobs and runs up to date where no daemon does, and say what a reader should know, a sentence
    each; without `of_file` not that the file has changed or cannot be used. What has ended since the daemon died is
    concluded, so that nothing is shown as running or disabled that is over; where that cannot be done what is stored
    is shown.

    The file is not parsed unless it changed. A file that cannot be used is no error for a store that knows jobs
    already: those are shown. Raises JobsFileError when there is nothing else to show, and when somebody named the file
    alone and what could be shown is another's: the file is broken, and the jobs were read elsewhere.
    """
    await_first_jobs(ctx)
    if (pid := ctx.daemon_pid) is not None:
        return _behind_daemon(ctx, pid, of_file=of_file)
    return *conclude_what_has_ended(ctx), *_without_daemon(ctx, of_file=of_file)


def refresh_runs(ctx: Context, *, with_jobs: bool = True) -> tuple[str, ...]:
    """As `refresh`, for verbs about runs, `with_jobs` where jobs are named: what is said concerns runs alone."""
    unsettled = conclude_what_has_ended(ctx)
    if with_jobs:
        refresh_jobs(ctx)
    return unsettled


def refresh_jobs(ctx: Context) -> None:
    """Where no daemon does, take a jobs file that has changed into force. For verbs about runs: one that cannot be used
    is an error only where no jobs are stored, or those of another one, as for `refresh`."""
    await_first_jobs(ctx)
    if ctx.daemon_pid is None:
        _without_daemon(ctx, of_file=False)


def _without_daemon(ctx: Context, *, of_file: bool) -> tuple[str, ...]:
    nothing_starts = without_daemon(ctx)
    with contextlib.suppress(JobctlError):
        end_what_is_over(ctx, ctx.clock.now())
    try:
        ensure_current(ctx)
    except JobsFileError as error:
        if not ctx.store.jobs.names():
            if has_only_runs(ctx):
                missing = f"no jobs file: {shown(ctx.places.jobs_file)} is not there (`jobctl init` writes one)"
                return missing, nothing_starts
            raise _with_places(ctx, error) from error
        if ctx.only_file_named and not has_loaded(ctx):
            raise
        if not of_file:
            return (nothing_starts,)
        first = error.message.split("\n")[0]
        where = f"the jobs as last loaded in {shown(ctx.told_state_dir)}"
        return f"{where}, for the jobs file cannot be used: {first} (`jobctl check`)", nothing_starts
    except DiskFull as error:  # to take a changed file into force takes room
        if not ctx.store.jobs.names():
            raise
        return f"the jobs as last loaded in {shown(ctx.told_state_dir)}: {error.message}", nothing_starts
    unusable = _unusable(ctx) if of_file else None
    return (unusable, nothing_starts) if unusable is not None else (nothing_starts,)


def without_daemon(ctx: Context) -> str:
    """What a reader of coming starts is told where no daemon lives."""
    return f"no daemon is running: nothing starts by itself (`{start_command(ctx.places.jobs_file)}`)"


def has_only_runs(ctx: Context) -> bool:
    """Whether nobody named a jobs file, none is there, and the store has runs all the same and no jobs: those of
    `jobctl exec`."""
    if ctx.places.is_named or is_there(ctx.places.jobs_file) or ctx.store.jobs.names():
        return False
    return bool(ctx.store.runs.history(HistoryFilter(limit=1)))


def conclude_what_has_ended(ctx: Context) -> tuple[str, ...]:
    """Without a daemon: conclude the attempts that are over, so that none of them is shown as running. What could not
    be concluded is said, a sentence for each reason."""
    if ctx.daemon_pid is not None or not ctx.store.attempts.unfinished():
        return ()
    from jobctl.operations.settlement import settle_all_abandoned  # looks at processes: only where one may be over

    return settle_all_abandoned(ctx)


def _with_places(ctx: Context, error: JobsFileError) -> JobsFileError:
    if is_there(ctx.places.jobs_file):
        return error
    return JobsFileError(
        error.message, f"{error.hint}\n{places_looked_at(ctx.places, ctx.told_state_dir)}", error.problems
    )


def _unusable(ctx: Context) -> str | None:
    """What is wrong with the file whatever it says; the jobs are those from before."""
    why = why_unusable(ctx.places.jobs_file)
    if why is None:
        return None
    return f"the jobs as last loaded in {shown(ctx.told_state_dir)}, for {shown(ctx.places.jobs_file)}: {why}"


def _behind_daemon(ctx: Context, pid: int, *, of_file: bool) -> tuple[str, ...]:
    from jobctl.operations.daemon_word import draining, refusal, scheduling_off, silence  # where one lives

    info = ctx.store.service.info()
    words = [silence(ctx, pid), draining(ctx, info), scheduling_off(info)]
    said = [word.sentence for word in words if word is not None]
    if info is None:
        return tuple(said)
    if info.config != str(ctx.places.jobs_file):
        if ctx.only_file_named:
            load_configuration(ctx)  # a broken one is not made up for by the jobs of another
            loader = f"the daemon of {shown(ctx.told_state_dir)}"
            said.append(f"these are the jobs of {shown(info.config)}, which {loader} has loaded")
        return tuple(said)
    if not of_file:
        return tuple(said)
    if (unusable := _unusable(ctx)) is not None:
        said.append(unusable)
    elif not is_current(ctx):
        refused = refusal(info)
        changed = f"{shown(ctx.places.jobs_file)} has changed since the daemon loaded it (`jobctl reload`)"
        said.append(refused.sentence if refused is not None else changed)
    return tuple(said)
