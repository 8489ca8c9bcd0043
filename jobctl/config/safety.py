"""Reading a file of the configuration: only when nobody else can have written it, and only when it stood still.

A jobs file is a list of commands that the daemon executes with its own rights, so whoever can write the file can do
whatever the daemon can do.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from jobctl.domain.file_stamp import FileStamp
from jobctl.errors import JobsFileError, Problem

_TRIES = 3  # a writer that changes the file three times while it is read is not going to stop


class Reading(NamedTuple):
    """The bytes of a file and the stamp that they had."""

    content: bytes
    stamp: FileStamp


def read_safely(path: Path) -> Reading:
    """The content of a file that only root or the caller can have written.

    Raises JobsFileError when it is missing, unreadable, no regular file, writable by others, owned by somebody else,
    or changes while it is being read.
    """
    content, stamp = _read(path)
    return Reading(content, FileStamp(stamp.path, stamp.size, stamp.mtime_ns, stamp.inode, digest(content)))


def content_of(path: Path) -> bytes:
    """The same content for those who do not compare it with what was read before. Raises as `read_safely`."""
    return _read(path)[0]


def _read(path: Path) -> tuple[bytes, FileStamp]:
    for _ in range(_TRIES):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not block
            try:
                before = os.fstat(descriptor)
                _refuse_unsafe(path, before)
                _refuse_replaceable(path)
                content = _read_all(descriptor)
                after = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unreadable(path, error) from error
        stamp = stamp_of(path, after)
        if stamp == stamp_of(path, before) and len(content) == after.st_size:
            return content, stamp
    raise whole_file_error(path, "changes while it is being read", "try again when whatever writes it has finished")


def _read_all(descriptor: int) -> bytes:
    chunks = []
    while chunk := os.read(descriptor, 1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def stamp_of(path: Path | str, status: os.stat_result | None) -> FileStamp:
    """The stamp of a file, or of its absence when `status` is None."""
    if status is None:
        return FileStamp(str(path), -1, 0, 0)
    return FileStamp(str(path), status.st_size, status.st_mtime_ns, status.st_ino)


def stamp(path: Path | str) -> FileStamp:
    """The stamp that the file or directory has now."""
    try:
        return stamp_of(path, Path(path).stat())
    except OSError:
        return stamp_of(path, None)


def digest(content: bytes) -> str:
    """What tells whether a file that was written again says the same."""
    import hashlib  # 3 ms, where a file was read

    return hashlib.blake2b(content, digest_size=16).hexdigest()


def why_unusable(path: Path) -> str | None:
    """Why the file would be refused before it is read, in a sentence; None when nothing speaks against it. One stat."""
    try:
        _refuse_unsafe(path, path.stat())
    except OSError as error:
        return _unreadable(path, error).problems[0].message
    except JobsFileError as error:
        return error.problems[0].message
    return None


def shown(path: Path | str) -> str:
    """A path for a person: relative where it lies below the working directory."""
    text = str(path)
    try:
        here = str(Path.cwd())
    except FileNotFoundError:
        return text
    return text if here == "/" else text.removeprefix(here + "/")


def whole_file_error(path: Path, message: str, hint: str) -> JobsFileError:
    """The error of a file that cannot be used at all."""
    problem = Problem(shown(path), 0, 0, "", message, hint)
    return JobsFileError(f"{problem.place}: {message}", hint, (problem,))


def _unreadable(path: Path, error: OSError) -> JobsFileError:
    if isinstance(error, FileNotFoundError):
        return whole_file_error(
            path, "there is no such file", "write one with `jobctl init`, or name another one with --config"
        )
    if isinstance(error, PermissionError):
        return whole_file_error(
            path, "you may not read it", f"call jobctl as the owner of the file, or allow it: `chmod u+r {path}`"
        )
    return whole_file_error(path, f"cannot be read: {error.strerror}", "")


def _refuse_unsafe(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise whole_file_error(path, "is a directory, not a file", f"name the file in it: {path}/jobs.toml")
    if not stat.S_ISREG(status.st_mode):
        raise whole_file_error(path, "is not a regular file", "name a regular file with --config")
    if status.st_uid not in (0, os.geteuid()):
        raise whole_file_error(
            path,
            f"belongs to user id {status.st_uid}, who could make the daemon run anything; expected root or you",
            f"read it, and if you trust it: `chown {os.geteuid()} {path}`",
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        mode = stat.S_IMODE(status.st_mode)
        who = "everybody" if status.st_mode & stat.S_IWOTH else "its group"
        raise whole_file_error(
            path,
            f"can be written by {who} (mode {mode:04o}), who could make the daemon run anything",
            f"`chmod go-w {path}`",
        )


def _refuse_replaceable(path: Path) -> None:
    """Whoever may write a folder may put another file in the place of one; the sticky bit leaves that to its owner."""
    folder = path.resolve().parent
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise whole_file_error(
            path, f"lies in a folder where everybody can replace it (mode {mode:04o})", f"`chmod go-w {folder}`"
        )
