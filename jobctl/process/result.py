"""The file that a job may leave its result in (`$JOBCTL_RESULT`).

Below the state directory when the job runs as the daemon's user. Another user cannot reach that directory (0700):
such an attempt gets a folder of its own under /run, which belongs to that user, as only root can give files away.
"""

# ruff: noqa: PTH102, PTH103, PTH106, PTH108, PTH120
# Every attempt passes here three times, mostly to find nothing, and pathlib takes longer than the calls themselves.

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from jobctl.process.left_files import MAX_READ
from jobctl.process.progress_file import FOREIGN as FOREIGN
from jobctl.process.progress_file import path_of as progress_path_of
from jobctl.process.spec import Owner


def prepare(state_dir: str | Path, run_id: str, attempt: int, owner: Owner | None) -> str:
    """Make the folder that the file goes into; the path of the file, which is not made. OSError."""
    file = path_for(state_dir, run_id, attempt, owner)
    if owner is None:
        _make_folder(f"{state_dir}/results", 0o700)
    else:
        folder = os.path.dirname(file)
        _make_folder(FOREIGN, 0o711)
        _make_folder(folder, 0o700)
        os.chown(folder, owner.uid, owner.gid)
    return file


def path_for(state_dir: str | Path, run_id: str, attempt: int, owner: Owner | None) -> str:
    """Where `prepare` would have the file."""
    return _path(state_dir, run_id, attempt, foreign=owner is not None)


def left_by(state_dir: str, run_id: str, attempt: int, owner: Owner | None) -> tuple[str, str]:
    """The files in which an attempt may leave words: its result and its progress."""
    progress = progress_path_of(state_dir, run_id, attempt, foreign=owner is not None)
    return path_for(state_dir, run_id, attempt, owner), progress


def collect(state_dir: str | Path, run_id: str, attempt: int, *, foreign: bool = True) -> bytes | None:
    """What the attempt left, at most its first MAX_READ bytes; empty when that is no plain file, None when it left
    nothing. Without `foreign` the attempt is known to have run as the daemon's user.

    The content is whatever the job wrote. Links are not followed: the folder may belong to somebody whom root must
    not read files for.
    """
    left = None
    for elsewhere in (False, True) if foreign else (False,):
        try:
            file = _path(state_dir, run_id, attempt, foreign=elsewhere)
            fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError:
            left = b""
            continue
        try:
            return _read(fd)
        except OSError:
            return b""
        finally:
            os.close(fd)
    return left


def remove(state_dir: str | Path, run_id: str, attempt: int) -> None:
    """Remove the file, that of the progress beside it and, for another user, their folder."""
    own, foreign = (_path(state_dir, run_id, attempt, foreign=foreign) for foreign in (False, True))
    beside = (progress_path_of(state_dir, run_id, attempt, foreign=foreign) for foreign in (False, True))
    for file in (own, foreign, *beside):
        with contextlib.suppress(OSError):  # mostly there is none; a job that made a folder of it keeps that
            os.unlink(file)
    with contextlib.suppress(OSError):  # a job that filled its folder keeps it until the next boot
        os.rmdir(os.path.dirname(foreign))


def _read(fd: int) -> bytes:
    """A file with a second name may be somebody else's, linked here to be read by root."""
    found = os.fstat(fd)
    return os.read(fd, MAX_READ) if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 else b""


def _path(state_dir: str | Path, run_id: str, attempt: int, *, foreign: bool) -> str:
    """Where the attempt finds its result file; `foreign` when its user is not the daemon's."""
    name = f"{run_id}-{attempt}"
    return f"{FOREIGN}/{name}/result.json" if foreign else f"{state_dir}/results/{name}.json"


def _make_folder(folder: str, mode: int) -> None:
    try:
        os.mkdir(folder, mode)
    except FileExistsError:
        return
    except FileNotFoundError:
        os.makedirs(folder, mode, exist_ok=True)
