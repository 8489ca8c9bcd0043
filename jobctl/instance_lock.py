"""One daemon for one state directory, and the one question whether it lives: the lock answers, never a pid."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

from jobctl.closed_place import cannot_open
from jobctl.errors import StateBusy

# A killed daemon's lock stays busy up to 11 ms while the kernel takes the process down (measured).
_RETRY_SECONDS = 5.0
_HOLDER_LIVES_MS = 250  # it may let go without ending
_HOLDER_IS_GONE_MS = 20  # a child of it, on its way to exec, still has the lock open


class InstanceLock:
    """Held for the daemon's life; released by the kernel however it dies."""

    def __init__(self, path: Path, wait: float = _RETRY_SECONDS) -> None:
        """Take the lock within `wait` seconds. StateBusy names the process that holds it. StoreUnusable."""
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_open(path, f"{path} cannot be opened", error.strerror) from error
        deadline = time.monotonic() + wait
        while not _try_lock(self._file):
            if time.monotonic() >= deadline:
                holder = _read_pid(self._file)
                os.close(self._file)
                raise StateBusy(
                    f"another jobctl daemon (pid {holder or 'unknown'}) holds {path.parent}",
                    "stop that one first, or give this one a state directory of its own with --state-dir",
                )
            _await_end_of(_read_pid(self._file))
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)


def daemon_pid(path: Path) -> int | None:
    """The pid of the daemon that lives, None when there is none. Never waits, never takes the lock away."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, file)
        # A shared lock for the blink of the question: two askers do not see each other as a daemon.
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_pid(file) or 0
        return None


def _await_end_of(holder: int | None) -> None:
    """Until the process ends, and no longer than it takes to ask again."""
    import select  # for a daemon that comes while another one leaves

    poll = select.poll()
    with contextlib.ExitStack() as closing:
        try:
            pidfd = os.pidfd_open(holder or -1)
        except OSError:
            poll.poll(_HOLDER_IS_GONE_MS)
            return
        closing.callback(os.close, pidfd)
        poll.register(pidfd, select.POLLIN)
        if poll.poll(_HOLDER_LIVES_MS):
            poll.unregister(pidfd)
            poll.poll(_HOLDER_IS_GONE_MS)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_pid(file: int) -> int | None:
    text = os.pread(file, 32, 0).strip()
    return int(text) if text.isdigit() else None
