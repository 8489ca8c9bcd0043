"""The daemon's own log: one structured line per event on stderr, as text or as JSON.

Not `logging`: each run that ends is a line, and records, handlers and locks take longer than the line itself.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import TextIO

from jobctl.clock import SystemClock


class _Level(IntEnum):
    """How much it matters, in the numbers of syslog: less is more."""

    ERROR = 3
    WARNING = 4
    INFO = 6
    DEBUG = 7

    label: str

    def __init__(self, _number: int) -> None:
        self.label = self._name_


class Journal:
    """`journal.info("run ended", job="x", run="0dk…", status="failed")`: an event in words and its fields."""

    def __init__(self, log_format: str, *, verbose: bool = False, quiet: bool = False) -> None:
        self._told = _Level.DEBUG if verbose else _Level.WARNING if quiet else _Level.INFO
        self._as_json = log_format == "json"
        self._stream = sys.stderr
        self._in_journald = _is_the_journal(os.environ.get("JOURNAL_STREAM"), sys.stderr)
        self._clock = SystemClock()
        self._held: list[str] | None = None

    @contextmanager
    def once_stored(self) -> Iterator[None]:
        """What is told inside is said after it, and not at all where it fails: it did not happen then, and will be told
        when it does. Errors are said at once."""
        held: list[str] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
        if held:
            self._say("".join(held))

    def debug(self, event: str, **fields: object) -> None:
        self._tell(_Level.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._tell(_Level.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._tell(_Level.WARNING, event, fields)

    def noticed(self, event: str, **fields: object) -> None:
        """Of what goes on outside and is so whether anything can be stored or not: said at once."""
        self._tell(_Level.INFO, event, fields, at_once=True)

    def error(self, event: str, **fields: object) -> None:
        self._tell(_Level.ERROR, event, fields, at_once=True)

    def exception(self, event: str, **fields: object) -> None:
        """An error of jobctl itself, with where it came from. Called by its handler."""
        self._tell(_Level.ERROR, event, fields | {"trace": traceback.format_exc().rstrip("\n")}, at_once=True)

    def _tell(self, level: _Level, event: str, fields: dict[str, object], *, at_once: bool = False) -> None:
        if level > self._told:
            return
        line = self._json_line(level, event, fields) if self._as_json else self._text_line(level, event, fields)
        if self._held is None or at_once:
            self._say(line + "\n")
        else:
            self._held.append(line + "\n")

    def _say(self, lines: str) -> None:
        try:  # and no `suppress`: each run that ends passes here
            self._stream.write(lines)
            self._stream.flush()
        except (OSError, ValueError):  # a closed stderr must not stop anything
            pass

    def _json_line(self, level: _Level, event: str, fields: dict[str, object]) -> str:
        line: dict[str, object] = {"at": self._instant(), "level": level.label.lower(), "event": event}
        line |= {name: value for name, value in fields.items() if value is not None}
        return json.dumps(line, default=str, ensure_ascii=False)

    def _text_line(self, level: _Level, event: str, fields: dict[str, object]) -> str:
        """`2026-11-22T18:04:05.123Z INFO run ended job=backup status=failed`; journald reads the level from a prefix
        and knows the time. Always one line, or journald would make an entry of each."""
        line = f"{level.label} {event}"
        for name, value in fields.items():
            if value is not None:
                text = str(value)
                line += f" {name}={text if text.isalnum() else _quoted(text)}"  # as nearly all are
        return f"<{level.value}>{line}" if self._in_journald else f"{self._instant()} {line}"

    def _instant(self) -> str:
        second, milliseconds = divmod(self._clock.now(), 1000)
        return f"{_to_the_second(second)}.{milliseconds:03}Z"


@lru_cache(maxsize=1)
def _to_the_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def _is_the_journal(stream: str | None, file: TextIO) -> bool:
    """Whether `file` is the one that `stream`, device and inode, names (systemd.exec(5), JOURNAL_STREAM): the variable
    outlives a redirection into a file."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def _quoted(text: str) -> str:
    return text if text and text.isprintable() and not set(text) & set(' "=') else json.dumps(text, ensure_ascii=False)
