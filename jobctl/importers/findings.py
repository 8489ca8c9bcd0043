"""What an importer hands over: drafts of jobs, and what it has to say about each line."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Fate(enum.Enum):
    """What became of a piece of the original."""

    KEPT = "kept"  # it means the same here; said because it was recognised or is easily misread
    CHANGED = "changed"  # something of its meaning is different here
    LOST = "not kept"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; `line` counts from 1, 0 is the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a piece, before it is known which line and job it belongs to."""

    fate: Fate
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark with its place. `job` is empty where no job came of it."""

    place: Place
    job: str
    fate: Fate
    message: str


@dataclass(frozen=True, slots=True)
class JobDraft:
    """A job in the words of the jobs file: `keys` are what `[jobs.NAME]` holds, in the order to write them.

    `text` is the line it was made of; empty where it was made of more than a line.
    """

    name: str
    keys: Mapping[str, object]
    place: Place
    text: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of which no job came, with its text."""

    place: Place
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """All that came of one or several files, each tuple in the order of the originals."""

    drafts: tuple[JobDraft, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...] = ()


class CannotKeep(Exception):
    """A piece has no counterpart; the text says why, and what would do instead."""


def is_plain(text: str) -> bool:
    """Whether a text can stand in a jobs file and be given to a program: UTF-8 without NUL."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
