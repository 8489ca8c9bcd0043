"""`jobctl logs`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from jobctl.cli.invocation import Invocation
from jobctl.cli.log_lines import text_of, write, write_matches
from jobctl.cli.moments import past
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.words import full_time, outcome_words
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound, UsageError
from jobctl.operations import output
from jobctl.operations.freshness import refresh_runs
from jobctl.operations.history import jobs_of_history
from jobctl.operations.job_logs import Match, newest_begun, runs_to_come, search
from jobctl.operations.secrecy import unmasked
from jobctl.operations.selection import find_job_or_run, is_glob


def command(
    ctx: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(metavar="JOB|RUN", help="A job stands for its newest run; of a run's id the beginning will do."),
    ],
    following: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the run has ended.")] = False,
    count: Annotated[int | None, typer.Option("-n", "--lines", min=0, metavar="N", help="The last N lines.")] = None,
    attempt: Annotated[int | None, typer.Option(min=1, metavar="N", help="Not the newest attempt, but this.")] = None,
    grep: Annotated[str | None, typer.Option(metavar="RE", help="Only lines in which this pattern is found.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="All runs of the job since then.")] = None,
    forever: Annotated[bool, typer.Option("-F", "--forever", help="Go on with the next runs of the job, too.")] = False,
) -> None:
    """What a run has written.

    --grep with a job, or a glob for several, looks into the logs of all their runs that are kept, the oldest first.

    A pipe or a file gets the exact bytes; a terminal gets control characters made visible. Secrets are masked.
    """
    call = invocation(ctx)
    call.console.notes(refresh_runs(call.context))
    wanted = _Wanted(call, count, attempt, _pattern(grep))
    if since is not None and (following or forever):
        raise UsageError("--since and --follow exclude each other", "give one of them")
    if forever:
        wanted.follow_job(subject)
    elif grep is not None and not following and (jobs := _jobs_meant(call, subject)):
        wanted.search(jobs, since)
    elif since is not None:
        wanted.show_since(subject, since)
    elif following:
        wanted.follow(output.run_of_interest(call.context, subject))
    else:
        wanted.show(output.run_of_interest(call.context, subject))


class _Wanted:
    """What of a log is shown, and how."""

    def __init__(
        self, call: Invocation, count: int | None, attempt: int | None, pattern: re.Pattern[bytes] | None
    ) -> None:
        self._call = call
        self._count = count
        self._attempt = attempt
        self._pattern = pattern
        self._told_of: set[str] = set()

    def _tell_of_secrets(self, job: str) -> None:
        """Once, before anything is shown that may hold one."""
        if job not in self._told_of:
            self._told_of.add(job)
            for sentence in unmasked(self._call.context, job):
                self._call.console.complain(sentence)

    def show(self, run: Run) -> None:
        self._tell_of_secrets(run.job)
        log = output.log_of(self._call.context, run, self._attempt)
        if self._pattern is None:
            pieces = output.read(self._call.context, log, self._count)
        else:
            pieces = output.matching(output.read(self._call.context, log), self._pattern, self._count)
        if self._call.json:
            lines = [text_of(line) for line in output.lines(pieces)]
            document = {"run": to_text(run.id), "job": run.job, "attempt": log.attempt, "path": str(log.path)}
            self._call.console.print(dumps({**document, "lines": lines}))
        elif not write(self._call, pieces):
            self._call.console.note("no line matches" if self._pattern else _nothing_words(run, log.attempt))
        if log.attempt > 1 and self._attempt is None:
            self._call.console.note(f"this was attempt {log.attempt}; --attempt shows the earlier ones")

    def show_since(self, subject: str, since: str) -> None:
        context = self._call.context
        job = find_job_or_run(context, subject)
        if isinstance(job, Run):
            raise UsageError("--since needs a job, not a run", "leave it out: a run has one log per attempt")
        begin = past("--since", since, context.clock.now()) or 0
        runs = output.runs_since(context, job, begin)
        if not runs:
            raise NotFound(f"{job} has not run since {full_time(begin)}", f"`jobctl history {job}` shows its runs")
        for run in runs:
            self._head(run)
            try:
                self.show(run)
            except NotFound as error:
                self._call.console.complain(error.message)

    def search(self, jobs: Sequence[str], since: str | None) -> None:
        """All that matches in any run of the jobs."""
        assert self._pattern is not None
        begin = past("--since", since, self._call.context.clock.now())
        matches = search(
            self._call.context, jobs, self._pattern, since=begin, attempt=self._attempt, last=self._count
        )  # fmt: skip
        write_matches(self._call, jobs, self._after_telling(matches))

    def _after_telling(self, matches: Iterator[Match]) -> Iterator[Match]:
        """The same, each after what is to be said of the secrets of its job."""
        for match in matches:
            self._tell_of_secrets(match.run.job)
            yield match

    def follow_job(self, subject: str) -> None:
        """The run of interest, then every one that comes after it, without end."""
        job = _job_meant(self._call, subject)
        if job is None:
            raise UsageError("--forever needs a job, not a run", "-f goes on until the run has ended")
        last = newest_begun(self._call.context, job)
        if last is not None:
            self.follow(last)
        for run in runs_to_come(self._call.context, job, 0 if last is None else last.id):
            self._head(run)
            self.follow(run)

    def _head(self, run: Run) -> None:
        console = self._call.console
        console.note(console.err_style(f"--- {to_text(run.id)} {full_time(run.started_at or 0)}", Meaning.STRONG))

    def follow(self, run: Run) -> None:
        self._tell_of_secrets(run.job)
        context = self._call.context
        tail = self._count if self._pattern is None else None
        pieces = output.follow(context, run, self._attempt, tail)
        if self._pattern is not None:
            pieces = output.matching(pieces, self._pattern)
        if self._call.json:
            for line in output.lines(pieces):
                self._call.console.print(dumps({"run": to_text(run.id), "job": run.job, "line": text_of(line)}))
                sys.stdout.flush()
        else:
            write(self._call, pieces)
        ended = context.store.runs.get(run.id)
        if ended is not None:
            self._call.console.note(f"{ended.job} {to_text(ended.id)} {outcome_words(ended)}")


def _nothing_words(run: Run, attempt: int) -> str:
    """Of a log that is empty: more may come while the attempt runs."""
    is_last = attempt == run.attempt
    if is_last and run.status is Status.RUNNING:
        return "nothing was written yet"
    if is_last and OUTPUT_MAY_BE_MISSING in (run.reason or ""):
        return f"nothing is kept of what the run has written, if anything: {OUTPUT_MAY_BE_MISSING}"
    return "the run has written nothing"


def _jobs_meant(call: Invocation, subject: str) -> tuple[str, ...]:
    """The jobs to search, those of a glob all together; none: a run is meant."""
    if is_glob(subject):
        return jobs_of_history(call.context, [subject], None, None)
    job = _job_meant(call, subject)
    return () if job is None else (job,)


def _job_meant(call: Invocation, subject: str) -> str | None:
    """The job, also one that is not defined any more and has runs left; None: a run is meant."""
    try:
        found = find_job_or_run(call.context, subject, with_removed=True)
    except NotFound:
        return output.run_of_interest(call.context, subject).job
    return None if isinstance(found, Run) else found


def _pattern(text: str | None) -> re.Pattern[bytes] | None:
    if text is None:
        return None
    try:
        return re.compile(os.fsencode(text))
    except re.error as error:
        raise UsageError(
            f"--grep: `{text}` is no regular expression: {error}", "escape signs that mean themselves"
        ) from None
