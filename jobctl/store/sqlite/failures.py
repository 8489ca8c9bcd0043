"""What SQLite's errors mean to a person."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from jobctl.closed_place import cannot_open
from jobctl.errors import DiskFull, JobctlError, StoreDamaged, StoreUnusable
from jobctl.presence import is_folder

RESTORE = "restore it from a copy made by `jobctl backup`; the files are kept as they are"
_NO_ROOM = 1_000_000  # bytes left below which an input/output error is a full disk: SQLite reports some of them so
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_CLOSED_TO_US = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH})


def explain(error: sqlite3.Error, database: Path) -> Exception:
    """The error to raise instead: one of jobctl's, or `error` itself where it shows a mistake in the program."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _free_bytes(database.parent) < _NO_ROOM):
        return _disk_full(database)
    if code in _DAMAGED:
        return StoreDamaged(f"the database {database} is damaged: {error}", RESTORE)
    if code in _LOCKED:
        return JobctlError(
            f"the database {database} is held by another program",
            "close whatever has it open for writing, such as a database shell, and try again",
        )
    if code in _CLOSED_TO_US:
        return cannot_open(database, f"the database {database} cannot be opened for writing", error)
    if code == sqlite3.SQLITE_IOERR:
        return StoreUnusable(f"the disk fails under the database {database}: {error}", "look into the kernel's log")
    return error


def _disk_full(database: Path) -> DiskFull:
    """Of the disk that is full: SQLite has its temporary files elsewhere, and does not say which it was."""
    temporary = _temporary_folder()
    if temporary is None or _free_bytes(temporary) >= _NO_ROOM or _free_bytes(database.parent) < _NO_ROOM:
        return DiskFull(f"no space left for {database}; nothing was changed", "free some space and try again")
    return DiskFull(
        f"no space left in {temporary}, which SQLite needs to change the database {database}; nothing was changed",
        "free some space there, or name a folder with room in SQLITE_TMPDIR, and try again",
    )


def _temporary_folder() -> Path | None:
    """The first that SQLite can use (https://www.sqlite.org/tempfiles.html)."""
    named = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp")
    usable = (Path(name) for name in named if name and os.access(name, os.W_OK | os.X_OK))
    return next(filter(is_folder, usable), None)


def _free_bytes(folder: Path) -> int:
    try:
        room = os.statvfs(folder)
    except OSError:
        return _NO_ROOM
    return room.f_bavail * room.f_frsize
