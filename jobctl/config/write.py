"""A file replaced by a new text at one blow: whoever reads it finds the old one or the new one, whole."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jobctl.errors import JobctlError, Refused

_TRIES, _PAUSE_MS = 40, 50  # whoever replaces a file holds its folder for a millisecond
_NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EACCES)  # of network file systems, for folders


def replace_text(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` in the place of `before`, with the file's mode and owner; of a symbolic link the file that it means.

    Refused when the file does not say `before` any more or its folder stays locked, JobctlError when it cannot be
    written; nothing has changed.
    """
    target = Path(os.path.realpath(path))
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")  # hidden: no include pattern finds it
    try:
        try:
            _write(new, target, after)
            with _alone(target.parent):
                if target.read_bytes() != before:
                    raise Refused(f"{path} was changed by somebody else meanwhile", "nothing was written: try again")
                new.replace(target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
        _sync(target.parent)
    except OSError as error:
        raise JobctlError(
            f"cannot write {path}: {error.strerror}", "nothing was changed; see who may write in its folder"
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other call is between its look at a file of the folder and the replacement. Where folders cannot be
    locked the look alone has to do."""
    with _opened(folder) as descriptor:
        if descriptor is not None:
            _lock(folder, descriptor)
        yield


def _lock(folder: Path, descriptor: int) -> None:
    """Refused when somebody else keeps the folder locked: who uses it for a lock of his own may do so for hours."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            select.poll().poll(_PAUSE_MS)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return
            raise
        else:
            return
    raise Refused(f"another process keeps {folder} locked", "nothing was written: see `lslocks`, or try again later")


def _write(new: Path, target: Path, content: bytes) -> None:
    was = target.stat()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(content)
        file.flush()
        made = os.fstat(descriptor)
        if (made.st_uid, made.st_gid) != (was.st_uid, was.st_gid):
            _give(descriptor, target, was)
        os.fchmod(descriptor, was.st_mode & 0o7777)
        os.fsync(descriptor)


def _give(descriptor: int, target: Path, was: os.stat_result) -> None:
    try:
        os.fchown(descriptor, was.st_uid, was.st_gid)
    except PermissionError:
        what = "owner" if was.st_uid != os.geteuid() else "group"
        raise JobctlError(
            f"cannot write {target}: it would lose its {what} (user id {was.st_uid}, group id {was.st_gid})",
            "nothing was changed; call jobctl as root, or give the file to yourself and your group",
        ) from None


def _sync(folder: Path) -> None:
    with _opened(folder) as descriptor:
        if descriptor is not None:
            os.fsync(descriptor)


@contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """None: who may write into a folder need not be allowed to read it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
