"""Whether the state directory at hand is that of the jobs file at hand, where nobody named the directory."""

from __future__ import annotations

from jobctl.config.safety import shown
from jobctl.config.stamps import is_unchanged
from jobctl.errors import JobctlError, JobsFileError
from jobctl.operations.context import Context
from jobctl.presence import is_there


def has_loaded(ctx: Context) -> bool:
    """Whether the stored jobs were read from this jobs file, whatever it said then; those of a living daemon are what
    it has loaded."""
    path = str(ctx.places.jobs_file)
    if path in ctx.store.jobs.files():
        return True
    info = ctx.store.service.info() if ctx.daemon_pid is not None else None
    return info is not None and info.config == path


def refuse_missing_file(ctx: Context) -> None:
    """JobsFileError when the jobs file is not there, and is not known to belong to this state directory: it alone would
    have told which one is meant."""
    if is_there(ctx.places.jobs_file) or _is_known(ctx):
        return
    raise JobsFileError(
        f"there is no jobs file {shown(ctx.places.jobs_file)}",
        "mend the path after -c or in JOBCTL_CONFIG, or write the file with `jobctl init`;\n"
        "--state-dir shows what was loaded before, without the file",
    )


def refuse_broken_file(ctx: Context) -> None:
    """JobsFileError when the jobs file is no TOML: it may have named another state directory than the customary one at
    hand. Not where a living daemon works with that very file there, which tells as much."""
    if _is_in_force(ctx):
        return
    from jobctl.config.document import read_document  # the parser, only for a file that was not read before

    try:
        read_document(ctx.places.jobs_file)
    except JobsFileError as error:
        words = "\n".join(str(problem) for problem in error.problems)
        raise JobsFileError(words, "mend it, or name the state directory with --state-dir", error.problems) from None


def _is_in_force(ctx: Context) -> bool:
    """Whether a daemon has loaded the file here, or the stored jobs are those that it has now."""
    try:
        if not is_there(ctx.places.database):
            return False
        info = ctx.store.service.info() if ctx.daemon_pid is not None else None
        path = ctx.places.jobs_file
        return (info is not None and info.config == str(path)) or is_unchanged(path, ctx.store.jobs.files())
    except (JobctlError, OSError):  # whosever database it is, it tells nothing
        return False


def _is_known(ctx: Context) -> bool:
    if not is_there(ctx.places.database):
        return False
    try:
        return has_loaded(ctx)
    except JobctlError:  # whosever database it is, it tells nothing
        return False
