"""Lines of logs as they are written to a terminal, a pipe or a program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from jobctl.cli.invocation import Invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.words import counted, short_time
from jobctl.domain.run_id import to_text
from jobctl.operations.job_logs import Match
from jobctl.process.terminal_text import Neutraliser, neutralise


def write(call: Invocation, pieces: Iterable[bytes]) -> bool:
    """Write them as they come, for a terminal with control characters made visible; whether there were any."""
    sys.stdout.flush()
    neutraliser = Neutraliser() if call.console.is_terminal else None
    written = False
    for piece in pieces:
        if neutraliser is None:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        else:
            sys.stdout.write(neutraliser.feed(piece))
            sys.stdout.flush()
        written = True
    if neutraliser is not None and written:
        sys.stdout.write(neutraliser.feed(b"", final=True))
    return written


def text_of(line: bytes) -> str:
    """A line for JSON."""
    return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")


def write_matches(call: Invocation, jobs: Sequence[str], matches: Iterable[Match]) -> None:
    """Each line behind its run, the job where several are searched, and when that attempt of it started: local time on
    a terminal, UTC for programs."""
    if call.json:
        _write_array(call, matches)
        return
    seen: set[int] = set()
    found_in: set[str] = set()
    sys.stdout.flush()
    for match in matches:
        seen.add(match.run.id)
        found_in.add(match.run.job)
        head, line = _head(call, match, with_job=len(jobs) > 1), match.line.rstrip(b"\r\n") + b"\n"
        if call.console.is_terminal:
            sys.stdout.write(head + neutralise(line))
        else:
            sys.stdout.buffer.write(head.encode() + line)  # as many at once as a pipe takes: there may be millions
    if seen:
        call.console.note(f"in {counted(len(seen), 'run')} of {_job_words(sorted(found_in))}")
    else:
        call.console.note(f"no line of any kept log of {_job_words(jobs)} matches")


def _job_words(jobs: Sequence[str]) -> str:
    return jobs[0] if len(jobs) == 1 else counted(len(jobs), "job")


def _head(call: Invocation, match: Match, *, with_job: bool) -> str:
    """What stands before a line. It may have colours, so it never goes the way of what a job wrote."""
    started = match.started_at or match.run.created_at
    place = f"{_place(match)} {match.run.job}" if with_job else _place(match)
    when = short_time(started, call.context.clock.now()) if call.console.is_terminal else instant(started)
    return call.console.style(f"{place} {when}", Meaning.FAINT) + "  "


def _place(match: Match) -> str:
    """The run, and its attempt where that was not the first."""
    return to_text(match.run.id) + (f"/{match.attempt}" if match.attempt > 1 else "")


def _write_array(call: Invocation, matches: Iterable[Match]) -> None:
    """One document, a line for each match: it may be longer than memory."""
    separator = "["
    for match in matches:
        document = {
            "run": to_text(match.run.id),
            "job": match.run.job,
            "attempt": match.attempt,
            "started_at": instant(match.started_at),
            "line": text_of(match.line),
        }
        call.console.print(separator + dumps(document), end="")
        separator = ",\n "
    call.console.print("[]" if separator == "[" else "]")
