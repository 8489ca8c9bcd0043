"""The daemon's own log: one structured line per event on stderr, as text or as JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

_SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class Journal:
    """`journal.info("run ended", job="x", run="0dk…", status="failed")`: an event in words and its fields."""

    def __init__(self, log_format: str, *, verbose: bool = False, quiet: bool = False) -> None:
        self._logger = logging.getLogger("jobctl")
        self._logger.setLevel(_level(verbose, quiet))
        self._logger.propagate = False
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_JsonLines() if log_format == "json" else _TextLines())
        self._logger.handlers[:] = [handler]
        logging.raiseExceptions = False  # a closed stderr must not stop anything

    def debug(self, event: str, **fields: object) -> None:
        self._logger.debug(event, extra={"fields": fields})

    def info(self, event: str, **fields: object) -> None:
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: object) -> None:
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, **fields: object) -> None:
        self._logger.error(event, extra={"fields": fields})

    def exception(self, event: str, **fields: object) -> None:
        """An error of jobctl itself, with where it came from."""
        self._logger.exception(event, extra={"fields": fields})  # noqa: LOG004  called by the handler


def _level(verbose: bool, quiet: bool) -> int:
    return logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    given: dict[str, Any] = getattr(record, "fields", {})
    trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else None
    return {name: value for name, value in (given | {"trace": trace}).items() if value is not None}


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _instant(record), "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(line | _fields(record), default=str, ensure_ascii=False)


class _TextLines(logging.Formatter):
    """`2026-11-22T18:04:05.123Z INFO run ended job=backup status=failed`; journald reads the level from a prefix and
    knows the time. Always one line, or journald would make an entry of each."""

    def __init__(self) -> None:
        super().__init__()
        self._in_journald = _is_the_journal(os.environ.get("JOURNAL_STREAM"), sys.stderr)

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        line = f"{record.levelname} {record.getMessage()}{fields}"
        if self._in_journald:
            return f"<{_SYSLOG.get(record.levelno, 6)}>{line}"
        return f"{_instant(record)} {line}"


def _is_the_journal(stream: str | None, file: TextIO) -> bool:
    """Whether `file` is the one that `stream`, device and inode, names (systemd.exec(5), JOURNAL_STREAM): the variable
    outlives a redirection into a file."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=') else json.dumps(text, ensure_ascii=False)
