"""The lock that every write transaction and every checkpoint holds, whoever makes it.

The kernel serves those who wait for an flock in turn, where SQLite's own retries sleep and starve; and a write can
never race a checkpoint, which corrupts the log in SQLite 3.7.0 to 3.51.2 (https://sqlite.org/wal.html#walresetbug).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from jobctl.closed_place import cannot_open


class WriteLock:
    """An exclusive flock on a file of its own; the file is made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Wait in turn until the lock is ours."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it."""
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let the next one in."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release for good."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise cannot_open(self._path, f"{self._path} cannot be opened", error.strerror) from error
        return self._descriptor
