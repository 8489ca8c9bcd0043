"""What a script learns from the exit status (PRODUCT.md, section 5), and which error or run gives which."""

from __future__ import annotations

import enum
import signal
from typing import TYPE_CHECKING

from jobctl import errors
from jobctl.domain.run import Run, Status

if TYPE_CHECKING:
    from jobctl.domain.outcome import AttemptEnd  # with it what a job is, which few verbs need


class ExitStatus(enum.IntEnum):
    """The statuses that jobctl itself gives; `run` and `wait` also pass on the status of a job."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    JOBS_FILE = 3
    NOT_FOUND = 4
    DAEMON = 5
    REFUSED = 6
    OUTCOME_UNKNOWN = 75
    TIMED_OUT = 124
    INTERRUPTED = 130
    BROKEN_PIPE = 128 + signal.SIGPIPE


MEANINGS = {
    ExitStatus.DONE: "done",
    ExitStatus.FAILED: "what was asked for failed",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.JOBS_FILE: "the jobs file is invalid",
    ExitStatus.NOT_FOUND: "no such job or run, or the beginning of an id that fits several",
    ExitStatus.DAEMON: "the daemon is needed and not there, or another daemon holds the state directory",
    ExitStatus.REFUSED: "refused: a duplicate, everything is paused, forbidden",
    ExitStatus.OUTCOME_UNKNOWN: "the outcome of a run is unknown (`lost`)",
    ExitStatus.TIMED_OUT: "timed out",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.BROKEN_PIPE: "whoever read the output has gone",
}
OF_JOBS = "`run`, `exec` and `wait` on one run give the job's own exit code, 128+N for a job that signal N killed."

_OF_ERROR: dict[type[errors.JobctlError], ExitStatus] = {
    errors.UsageError: ExitStatus.USAGE,
    errors.JobsFileError: ExitStatus.JOBS_FILE,
    errors.NotFound: ExitStatus.NOT_FOUND,
    errors.DaemonUnavailable: ExitStatus.DAEMON,
    errors.StateBusy: ExitStatus.DAEMON,
    errors.Refused: ExitStatus.REFUSED,
    errors.TimedOut: ExitStatus.TIMED_OUT,
    errors.Interrupted: ExitStatus.INTERRUPTED,
}


def of_error(error: errors.JobctlError) -> ExitStatus:
    """The status of a call that ended with this error."""
    for known in type(error).__mro__:
        if known in _OF_ERROR:
            return _OF_ERROR[known]
    return ExitStatus.FAILED


def of_run(run: Run) -> int:
    """The status of `run` and of `wait` for one ended run: the job's own, 128+N for a job killed by signal N."""
    if run.status is Status.LOST:
        return ExitStatus.OUTCOME_UNKNOWN
    if run.status is Status.TIMED_OUT:
        return ExitStatus.TIMED_OUT
    if run.status in (Status.SUCCEEDED, Status.FAILED):
        if run.signal is not None:
            return 128 + run.signal
        return run.exit_code or int(run.status is Status.FAILED)  # `success_on` may call exit status 0 a failure
    if run.status is Status.CANCELLED:
        return ExitStatus.INTERRUPTED if run.signal is None else 128 + run.signal
    return ExitStatus.FAILED


def of_end(end: AttemptEnd) -> int:
    """The status of `exec`: that of the command, whatever its job's `success_on` makes of it."""
    if end.lost:
        return ExitStatus.OUTCOME_UNKNOWN
    if end.timed_out:
        return ExitStatus.TIMED_OUT
    return end.exit_code or 0 if end.signal is None else 128 + end.signal
