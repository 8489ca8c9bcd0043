"""The file in which a running attempt says how far it is, beside its result file and reached by the same users.

A line of text, written in place and never synced: whoever looks reads it there, and the end of the attempt takes it
into the store. So it costs the job one small write, needs neither the daemon nor the store, and works for jobs of
other users, who cannot reach the state directory.
"""

# ruff: noqa: PTH112, PTH120
# `jobctl progress` may be called in a loop, and pathlib takes longer than all that is done here.

from __future__ import annotations

import errno
import os
import stat

from jobctl.domain.progress import MAX_LINE, Progress, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

FOREIGN = "/run/jobctl"  # for attempts of other users than the daemon's, as in result.py


def path_of(state_dir: str | Path, run_id: str, attempt: int | str, *, foreign: bool) -> str:
    """Where the attempt keeps its progress; `foreign` when its user is not the daemon's."""
    name = f"{run_id}-{attempt}"
    return f"{FOREIGN}/{name}/result.progress" if foreign else f"{state_dir}/results/{name}.progress"


def update(state_dir: str, run_id: str, attempt: int | str, percent: float, message: str | None) -> bool:
    """Write into the file that an earlier call made. False: there is none. OSError: it cannot be written.

    Without a message the one before stays.
    """
    for foreign in (False, True):
        try:
            fd = _open(path_of(state_dir, run_id, attempt, foreign=foreign), os.O_RDWR)
        except (FileNotFoundError, PermissionError):  # the state directory is not for every user
            continue
        _write(fd, percent, message)
        return True
    return False


def create(state_dir: str, run_id: str, attempt: int | str, percent: float, message: str | None) -> None:
    """Make the file. OSError."""
    file = path_of(state_dir, run_id, attempt, foreign=is_foreign(run_id, attempt))
    _write(_open(file, os.O_RDWR | os.O_CREAT), percent, message)


def is_foreign(run_id: str, attempt: int | str) -> bool:
    """Whether the attempt runs as another user than the daemon's, and has not ended."""
    return os.path.isdir(os.path.dirname(path_of("", run_id, attempt, foreign=True)))


def read(state_dir: str, run_id: str, attempt: int) -> Progress | None:
    """What the attempt said last; None when it has said nothing that could be read."""
    content = collect(state_dir, run_id, attempt)
    return decode(content) if content else None


def collect(state_dir: str | Path, run_id: str, attempt: int, *, foreign: bool = True) -> bytes | None:
    """What the file holds, empty when it is no plain file; None when there is none. Without `foreign` the attempt is
    known to have run as the daemon's user."""
    for elsewhere in (False, True) if foreign else (False,):
        try:
            fd = _open(path_of(state_dir, run_id, attempt, foreign=elsewhere), os.O_RDONLY)
        except FileNotFoundError:
            continue
        except OSError:
            return b""
        try:
            return os.read(fd, MAX_LINE)
        finally:
            os.close(fd)
    return None


def _open(file: str, mode: int) -> int:
    """The file if it is a plain one, else OSError. A second name may be that of somebody else's file."""
    fd = os.open(file, os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | mode, 0o600)
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return fd
    os.close(fd)
    raise FileExistsError(errno.EEXIST, "something else has its name", file)


def _write(fd: int, percent: float, message: str | None) -> None:
    """In place, so that nothing is left behind when the attempt ends meanwhile. A reader takes the first line."""
    try:
        if message is None:
            before = decode(os.read(fd, MAX_LINE))
            message = before[1] if before is not None else None
        line = encode((percent, message))
        os.pwrite(fd, line, 0)
        os.ftruncate(fd, len(line))
    finally:
        os.close(fd)
