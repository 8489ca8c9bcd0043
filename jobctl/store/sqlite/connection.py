"""A connection to the database with everything set that SQLite does not keep in the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from jobctl.errors import JobctlError, StoreUnusable
from jobctl.store.sqlite.failures import explain

BUSY_TIMEOUT_S = 5.0
LOG_SIZE_LIMIT = 64 * 2**20  # what a checkpoint leaves of a log that a bulk of writes made long
_STATEMENTS = 128  # prepared statements kept: more than there are queries


def connect(path: Path) -> sqlite3.Connection:
    """Open the database. StoreUnusable when it cannot be, DiskFull when SQLite has no room for its files beside it."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=_STATEMENTS)
        try:
            _set_up(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        explained = explain(error, path)
        raise explained if isinstance(explained, JobctlError) else StoreUnusable(str(explained)) from error
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_SIZE_LIMIT}")


def use_log(path: Path) -> None:
    """Let the database write ahead into a log; the file remembers it."""
    try:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
    except sqlite3.Error as error:
        raise explain(error, path) from error
