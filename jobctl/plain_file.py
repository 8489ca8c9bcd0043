"""Reading a small file that somebody names in a jobs file: variables, a secret. Whatever is there, it never waits."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

LARGEST = 1_000_000  # bytes: no kernel takes more variables than that for a program by far
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a directory",
}


class NotPlain(OSError):
    """What a path names is no plain file of at most 1 MB. `strerror` says so in words that follow the path."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EINVAL, words)


class Reading(NamedTuple):
    """The text of a file, line ends as `\\n`, and what the system says of the file that it was read from."""

    text: str
    status: os.stat_result


def read_plain(path: Path) -> Reading:
    """The file's text; bytes that are no UTF-8 are escaped as in the names of files.

    NotPlain for anything but a regular file of at most 1 MB, OSError where it cannot be read. A named pipe would wait
    for a writer, in the daemon for ever, and a device never ends.
    """
    _refuse(path.stat())  # opening alone acts on some devices, and on who waits at the other end of a pipe
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        _refuse(status)  # it may be another one by now
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape", closefd=False) as file:
            text = file.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(text) > LARGEST:  # it grows, or the system does not tell its size
        raise NotPlain("it is larger than 1 MB")
    return Reading(text, status)


def _refuse(status: os.stat_result) -> None:
    if why := why_not_plain(status):
        raise NotPlain(why)


def why_not_plain(status: os.stat_result) -> str | None:
    """Why nothing is read from such a file; None for one that is."""
    if not stat.S_ISREG(status.st_mode):
        return f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'something else')}, not a plain file"
    return "it is larger than 1 MB" if status.st_size > LARGEST else None
