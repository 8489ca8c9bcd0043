"""What runs have written: which log is meant, what of it, and its growth."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from re import Pattern

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound
from jobctl.operations.context import Context
from jobctl.operations.pace import Pace
from jobctl.operations.secrecy import masked, masked_end
from jobctl.operations.selection import find_job_or_run, get_run
from jobctl.operations.wait import Absence
from jobctl.presence import is_there
from jobctl.process import output
from jobctl.process.execute import NOT_EXECUTABLE, NOT_FOUND
from jobctl.store.records import HistoryFilter

_MOST_RUNS = 10_000
_LONGEST_LINE = 1 << 20
_NEVER_EXECUTED = (NOT_EXECUTABLE, NOT_FOUND)  # beside an error and without a pid: a command may exit so itself


@dataclass(frozen=True, slots=True)
class AttemptLog:
    """The log of one attempt."""

    run: Run
    attempt: int
    path: Path


def run_of_interest(ctx: Context, subject: str) -> Run:
    """The run that `subject` names; for a job the one that runs, else its newest that was ever started."""
    runs = ctx.store.runs
    try:
        found = find_job_or_run(ctx, subject)
    except NotFound:
        newest = runs.history(HistoryFilter(jobs=(subject,), limit=1))  # of a job that is not defined any more
        if not newest:
            raise
        return newest[0]
    if isinstance(found, Run):
        return found
    if running := runs.history(HistoryFilter(jobs=(found,), limit=1, statuses=(Status.RUNNING,))):
        return running[0]
    [row] = ctx.store.jobs.rows([found])
    if row.last_run_id is not None and (last := runs.get(row.last_run_id)) is not None:
        return last
    if waiting := runs.active(found):
        return waiting[0]
    if row.last_run_id is not None:
        raise NotFound(
            f"the last run of {found} was deleted or pruned, with its log", f"`jobctl history {found}` shows those left"
        )
    raise NotFound(
        f"{found} has never run", f"`jobctl run {found}` runs it now, `jobctl next {found}` says when it will"
    )


def runs_since(ctx: Context, job: str, since: int) -> list[Run]:
    """The runs of a job that started at or after an instant, the oldest first."""
    newest = ctx.store.runs.history(HistoryFilter(jobs=(job,), since=since, limit=_MOST_RUNS))
    return [run for run in reversed(newest) if run.attempt > 0]


def log_of(ctx: Context, run: Run, attempt: int | None = None) -> AttemptLog:
    """The log of an attempt, of the newest without `attempt`. NotFound says why there is none."""
    number = attempt if attempt is not None else run.attempt
    text = to_text(run.id)
    if run.attempt == 0:
        raise NotFound(f"run {text} has no log: {_never_started(run)}", _asked_instead(run))
    if not 1 <= number <= run.attempt:
        made = "1 attempt" if run.attempt == 1 else f"{run.attempt} attempts"
        raise NotFound(f"run {text} has no attempt {number}", f"it has made {made}; `jobctl show {text}` lists them")
    path = ctx.places.log_file(run.id, number)
    if not is_there(path):
        raise _without_log(ctx, run, number, path)
    return AttemptLog(run, number, path)


def read(ctx: Context, log: AttemptLog, last_lines: int | None = None) -> Iterator[bytes]:
    """The bytes as they were written, or the last lines of them; the job's secrets are masked."""
    return masked(ctx, log.run.job, output.read_all(log.path, last_lines))


def tail(ctx: Context, log: AttemptLog, last_lines: int, most: int) -> bytes:
    """The last lines, of those at most the last `most` bytes; the job's secrets are masked. NotFound, JobsFileError."""
    return masked_end(ctx, log.run.job, output.last_lines(log.path, last_lines, most), most)


def follow(ctx: Context, run: Run, attempt: int | None, last_lines: int | None) -> Iterator[bytes]:
    """The log as it grows, of this attempt or of the newest and all that follow it, until the run has ended; the job's
    secrets are masked. DaemonUnavailable when the run waits and nobody is there to start it.
    """
    return masked(ctx, run.job, _as_it_grows(ctx, run, attempt, last_lines))


def _as_it_grows(ctx: Context, run: Run, attempt: int | None, last_lines: int | None) -> Iterator[bytes]:
    watched = _Watched(ctx, run.id)
    number = attempt or max(1, run.attempt)
    while True:
        path = ctx.places.log_file(run.id, number)
        if is_there(path) or not watched.is_over(number):
            yield from output.follow(path, partial(watched.is_over, number), last_lines)
        latest = watched.wait_for(number + 1) if attempt is None else watched.look()
        if latest.attempt == 0:
            log_of(ctx, latest)  # says why
        if attempt is not None or latest.attempt <= number:
            return
        number, last_lines = number + 1, None


class _Watched:
    """A run on its way to its end."""

    def __init__(self, ctx: Context, run_id: int) -> None:
        self._ctx = ctx
        self._run_id = run_id
        self._absence = Absence(ctx)

    def look(self) -> Run:
        run = get_run(self._ctx, self._run_id)
        if not run.status.is_final:
            self._absence.mind(run)
        return run

    def is_over(self, number: int) -> bool:
        """Whether nothing is written to the log of this attempt any more."""
        run = self.look()
        return (
            run.status.is_final or run.attempt > number or (run.attempt == number and run.status is not Status.RUNNING)
        )

    def wait_for(self, number: int) -> Run:
        """The run when it has begun this attempt, or has ended without it."""
        pace = Pace()
        while (run := self.look()).attempt < number and not run.status.is_final:
            pace.rest()
        return run


def lines(pieces: Iterable[bytes], longest: int | None = None) -> Iterator[bytes]:
    """The same bytes line by line, each with its end; the last one may have none, nor what is longer than `longest`."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if longest is not None and len(rest) >= longest:
            yield rest
            rest = b""
    if rest:
        yield rest


def matching(pieces: Iterable[bytes], pattern: Pattern[bytes], last: int | None = None) -> Iterator[bytes]:
    """The lines in which the pattern is found, or the last of them. A line of more than a megabyte is looked at in
    pieces of that size, so that memory stays bounded whatever was written."""
    found = (line for line in lines(pieces, _LONGEST_LINE) if pattern.search(line.rstrip(b"\r\n")))
    return found if last is None else iter(deque(found, maxlen=last))


def _without_log(ctx: Context, run: Run, number: int, path: Path) -> NotFound:
    """Why there is no file: a log that was never made is not taken for one that somebody took away."""
    text = to_text(run.id)
    attempt = next((one for one in ctx.store.attempts.of_run(run.id) if one.number == number), None)
    if attempt is not None and attempt.pid is None and attempt.exit_code in _NEVER_EXECUTED and attempt.error:
        return NotFound(
            f"run {text} has no log, nothing was written: attempt {number} never started: {attempt.error}",
            f"`jobctl show {text}` says more",
        )
    return NotFound(
        f"the log of run {text}, attempt {number}, is gone",
        f"{path} was pruned by the retention, or deleted by somebody else",
    )


def _asked_instead(run: Run) -> str:
    """What tells more of a run that was never started. Of one that is over, `show` has the sentence that is said."""
    if not run.status.is_final or run.slot is None:
        return f"`jobctl show {to_text(run.id)}` says more"
    slot = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.slot))
    return f"`jobctl why {run.job} --at {slot}` says more"


def _never_started(run: Run) -> str:
    if run.status.is_final:
        return f"it never started ({run.status.word}{f': {run.reason}' if run.reason else ''})"
    return f"it has not started yet ({run.status.word})"
