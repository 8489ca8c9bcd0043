"""A consistent copy of the database while everything runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from jobctl.errors import DiskFull, JobctlError, Refused, StoreUnusable, UsageError
from jobctl.presence import is_folder, is_there
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.failures import explain
from jobctl.store.sqlite.header import APPLICATION_ID, MAGIC, application_of


def back_up(database: Database, target: Path) -> None:
    """Write a copy beside `target`, check it, sync it, and let it replace `target` in one step.

    An older backup there stays until the new one is complete. Refused: the target is any other file. UsageError: it is
    the database itself or a directory. The copy is one file, readable by its owner only.
    """
    if is_folder(target):
        raise UsageError(f"{target} is a directory", "name the file to write")
    if is_there(target) and target.samefile(database.path):
        raise UsageError(f"{target} is the database itself", "choose another file for the copy")
    if is_there(target) and not _is_ours(target):
        raise Refused(f"{target} exists and is no copy of a jobctl database", "choose another name, or move it away")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        _copy(database, partial)
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise JobctlError(
            f"the copy {target} cannot be written: {error.strerror}", "choose a directory that you can write to"
        ) from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _is_ours(target: Path) -> bool:
    """Whether the file may be replaced: an empty one, or a database of jobctl by its header."""
    with target.open("rb") as file:
        header = file.read(100)
    return not header or (header.startswith(MAGIC) and application_of(header) == APPLICATION_ID)


def _copy(database: Database, partial: Path) -> None:
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            database.copy_into(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            findings = [row[0] for row in copy.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        if isinstance(explain(error, partial), DiskFull):
            raise DiskFull(f"no space left for the copy in {partial.parent}", "choose another directory") from error
        raise explain(error, database.path) from error
    if findings != ["ok"]:
        raise StoreUnusable(
            f"the database {database.path} is damaged: {findings[0]}",
            "an older copy of it is the better one; the database was not changed",
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
