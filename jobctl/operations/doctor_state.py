"""What belongs to one installation: its jobs file, its daemon, its state directory and what lies in there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jobctl import __version__
from jobctl.config.safety import why_unusable
from jobctl.domain.settings import Configuration
from jobctl.domain.units import format_size
from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import standstill
from jobctl.operations.doctor import Finding, Level
from jobctl.operations.missed_starts import missed_in_full
from jobctl.operations.service_places import BY_HAND, start_command
from jobctl.operations.skipped_starts import skipped_starts
from jobctl.presence import is_folder, is_there
from jobctl.process import record
from jobctl.process.host import is_full

_NAMED = 5


def jobs_file(ctx: Context, configuration: Configuration) -> Finding:
    """A file that could be read."""
    unusable = why_unusable(ctx.places.jobs_file)
    if unusable is not None:
        return Finding("jobs file", Level.BAD, f"{ctx.places.jobs_file}: {unusable}", "`jobctl check` says what to do")
    words = f"{len(configuration.jobs)} jobs in {ctx.places.jobs_file}"
    if configuration.warnings:
        doubts = f"{configuration.warnings} doubt{'' if configuration.warnings == 1 else 's'}"
        return Finding("jobs file", Level.DOUBTFUL, f"{words}, {doubts}", "`jobctl check` names each with its place")
    return Finding("jobs file", Level.GOOD, words)


def has_jobs(ctx: Context) -> bool:
    """Whether a jobs file was ever loaded here, and so a daemon needs one."""
    try:
        return is_there(ctx.places.database) and bool(ctx.store.jobs.names())
    except JobctlError:  # a finding of its own
        return False


def daemon(ctx: Context) -> Finding:
    pid = ctx.daemon_pid
    if pid is None:
        start = start_command(ctx.places.jobs_file)
        log = start.removesuffix("start jobctl").replace("systemctl", "journalctl") + "-u jobctl"
        advice = f"`{start}`; `{log}` tells why it ended"
        if start == BY_HAND:
            advice = "`jobctl service install --now`, or `jobctl daemon` in a terminal"
        return Finding("daemon", Level.DOUBTFUL, "none is running: nothing starts by itself", advice)
    try:
        info, stands = ctx.store.service.info(), standstill(ctx)
    except JobctlError:  # a finding of its own
        info, stands = None, None
    if info is not None and info.version != __version__:
        words = f"the daemon (pid {pid}) is version {info.version}, this is {__version__}"
        return Finding("daemon", Level.DOUBTFUL, words, "restart it; running jobs go on")
    if info is not None and info.config != str(ctx.places.jobs_file):
        words = f"the daemon (pid {pid}) reads {info.config}, not {ctx.places.jobs_file}"
        return Finding("daemon", Level.DOUBTFUL, words, f"call jobctl with -c {info.config}")
    if stands is not None:
        advice = f"`kill -CONT {pid}` if somebody has stopped it, else restart it; running jobs go on"
        if is_full(ctx.places.state_dir):
            advice = "make room on that disk: it goes on by itself"
        return Finding("daemon", Level.DOUBTFUL, stands, advice)
    return Finding("daemon", Level.GOOD, f"alive (pid {pid})")


def of_store(ctx: Context) -> Iterator[Finding]:
    """Who may enter the state directory, what is stored, and what is left over."""
    try:
        ctx.store.verify()
    except JobctlError as error:
        yield Finding("database", Level.BAD, error.message.split("\n")[0], error.hint.replace("\n", " "))
        return
    yield Finding("permissions", Level.GOOD, f"{ctx.places.state_dir} is yours alone")
    yield Finding("database", Level.GOOD, f"no damage in {format_size(ctx.places.database.stat().st_size)}")
    yield keepers(ctx)
    yield _leftover_files(ctx)
    yield never_succeeded(ctx)
    yield not_started(ctx)


def keepers(ctx: Context) -> Finding:
    """Processes that mind attempts, and the records of those that are gone."""
    needed = {attempt.keeper for attempt in ctx.store.attempts.unfinished()}
    records = [path for path in ctx.places.keepers_dir.iterdir() if not path.name.startswith(".")]
    alive = {path.name for path in records if record.is_locked(path)}
    orphaned = needed - alive
    if orphaned and ctx.daemon_pid is None:
        words = f"{len(orphaned)} attempts whose keeper is gone, and no daemon that looks after them"
        return Finding("keepers", Level.DOUBTFUL, words, "`jobctl status` finds out how they ended")
    if ctx.daemon_pid is not None:
        return Finding("keepers", Level.GOOD, f"{len(alive)} alive, {len(needed)} with a running attempt")
    idle, gone = len(alive - needed), len({path.name for path in records} - alive - needed)
    if idle:
        words = f"{idle} living without a daemon and without an attempt"
        return Finding("keepers", Level.DOUBTFUL, words, "they leave by themselves; one that stays can be killed")
    if gone:
        return Finding("keepers", Level.GOOD, f"{gone} records of keepers that are gone; the next daemon removes them")
    return Finding(
        "keepers", Level.GOOD, f"{len(alive)} alive, all with a running attempt" if alive else "none left over"
    )


def _leftover_files(ctx: Context) -> Finding:
    """Params and results of attempts that are over; both hold what a job was given or said."""
    running = len(ctx.store.attempts.unfinished())
    files = [path for name in ("params", "results") for path in _files_in(ctx.places.state_dir / name)]
    if len(files) > 4 * running + _NAMED and not running:
        words = f"{len(files)} files of attempts that are over in {ctx.places.state_dir}/params and results"
        return Finding("leftovers", Level.DOUBTFUL, words, "remove them while nothing runs")
    return Finding("leftovers", Level.GOOD, "none")


def _files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if is_folder(folder) else []


def never_succeeded(ctx: Context) -> Finding:
    """Jobs with runs that ended, none of them well; names that were given to `exec`, too."""
    tried = ctx.store.jobs.tried()
    never = [name for name, has_succeeded in tried.items() if not has_succeeded]
    if not tried:
        return Finding("jobs", Level.GOOD, "none of those that are defined has run yet")
    if never:
        more = f" and {len(never) - _NAMED} more" if len(never) > _NAMED else ""
        words = f"never succeeded: {', '.join(never[:_NAMED])}{more}"
        return Finding("jobs", Level.DOUBTFUL, words, f"`jobctl logs {never[0]}` shows why, `jobctl env` what it gets")
    return Finding("jobs", Level.GOOD, f"all {len(tried)} that have run have succeeded at least once")


def not_started(ctx: Context) -> Finding:
    """Jobs that are enabled and have missed their last starts, or skip them for a run that does not end."""
    found = missed_in_full(ctx) or skipped_starts(ctx)
    if found is None:
        return Finding("starts", Level.GOOD, "no job keeps missing them")
    return Finding("starts", Level.DOUBTFUL, *found)
