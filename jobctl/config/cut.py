"""A job put into the text of a jobs file, or cut out of it; everything else stays as it is, byte for byte."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any

import rtoml

from jobctl.config.locate import Statement, statements

_NOTHING_LEFT = "# no jobs\n"  # an empty file would be refused as one that is still being written


class CannotCut(Exception):
    """The job cannot be taken out without touching something else; the reason as a clause."""


def with_job(text: str, table: str) -> str:
    """The text with the job's own table at its end, behind a blank line, in the line endings of the text."""
    newline = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    block = table.strip("\n").replace("\n", newline)
    return f"{text}{newline}{block}{newline}" if text.endswith("\n") else f"{text}{newline}{newline}{block}"


def without_job(text: str, name: str) -> str:
    """The text without what it says of the job: its tables and keys, the comments within and directly above or below
    them, and one of the blank lines around. CannotCut."""
    found = statements(text)
    if found is None:
        raise CannotCut("the file is written in a way that is not understood here")
    lines = _Lines(text)
    gone = _close_gaps(lines, _lines_of_job(lines, found, ("jobs", name)))
    if not gone:
        raise CannotCut("it stands within the braces of another table")
    new = "".join(line for number, line in enumerate(lines.texts) if number not in gone)
    if not new.strip():
        new = _NOTHING_LEFT
    elif not text.endswith("\n") and len(lines.texts) - 1 in gone:
        new = new.removesuffix("\n").removesuffix("\r")
    if _tables(new) != _tables(text, without=name):
        raise CannotCut("its tables cannot be told apart from others")
    return new


class _Lines:
    """The lines of a text with their ends, and which one a character is in."""

    def __init__(self, text: str) -> None:
        self.texts = [line + "\n" for line in text.split("\n")]
        self.texts[-1] = self.texts[-1].removesuffix("\n")
        if not self.texts[-1]:
            self.texts.pop()
        self._starts = [0, *accumulate(map(len, self.texts))]

    def of(self, statement: Statement) -> range:
        first, last = (bisect_right(self._starts, at) - 1 for at in (statement.start, statement.end - 1))
        return range(first, last + 1)

    def is_blank(self, number: int) -> bool:
        return 0 <= number < len(self.texts) and not self.texts[number].strip()

    def is_comment(self, number: int) -> bool:
        """A line of a comment alone; asked only of lines between statements."""
        return 0 <= number < len(self.texts) and self.texts[number].lstrip().startswith("#")


def _lines_of_job(lines: _Lines, found: list[Statement], job: tuple[str, str]) -> set[int]:
    gone: set[int] = set()
    last_of_statement = -1
    was_ours = False
    for place, statement in enumerate(found):
        own = lines.of(statement)
        is_ours = statement.path[:2] == job
        if is_ours:
            within = was_ours and not statement.is_header
            gone |= set(range(last_of_statement + 1, own.start)) if within else _comments_above(lines, own.start)
            gone |= set(own)
            following = lines.of(found[place + 1]).start if place + 1 < len(found) else len(lines.texts)
            gone |= _comments_below(lines, own.stop, following)
        last_of_statement, was_ours = own.stop - 1, is_ours
    return gone


def _comments_above(lines: _Lines, start: int) -> set[int]:
    first = start
    while lines.is_comment(first - 1):
        first -= 1
    return set(range(first, start))


def _comments_below(lines: _Lines, stop: int, following: int) -> set[int]:
    """Those that are not directly above the statement that follows, and so are its own."""
    end = stop
    while end < following and lines.is_comment(end):
        end += 1
    return set(range(stop, end)) if end < following or following == len(lines.texts) else set()


def _close_gaps(lines: _Lines, gone: set[int]) -> set[int]:
    """With the blank lines between parts that go, and one of those around each."""
    closed = set(gone)
    for number in sorted(gone):
        end = number + 1
        while lines.is_blank(end) and end not in gone:
            end += 1
        if end in gone:
            closed |= set(range(number, end))
    for number in sorted(closed):
        is_first = number - 1 not in closed
        end = number
        while is_first and end in closed:
            end += 1
        if is_first and (lines.is_blank(end) or end == len(lines.texts)):
            if lines.is_blank(number - 1):
                closed = closed | {number - 1}
            elif number == 0:
                closed = closed | {end}
    return closed


def _tables(text: str, without: str | None = None) -> dict[str, Any]:
    """What the text says, or would say without a job."""
    tables: dict[str, Any] = rtoml.loads(text)
    jobs = tables.get("jobs")
    if isinstance(jobs, dict):
        jobs.pop(without, None)
        if not jobs:
            del tables["jobs"]
    return tables
