"""The file that holds the payload of an attempt (`$JOBCTL_PARAMS_FILE`), as the keeper makes and removes it.

It is made after BEGIN and removed before END, so it is there exactly as long as the job may read it; what a killed
keeper left is removed by whoever finds the run lost (`payload.py`).
"""

# ruff: noqa: PTH103, PTH108, PTH120
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write(file: bytes, contents: bytes, owner: tuple[int, int] | None) -> None:
    """Make the file for its owner alone (0600), and its folder if need be. OSError, with nothing left behind.

    The folder may belong to the job's user, so whatever has the name already is neither followed nor kept.
    """
    remove(file)
    try:
        fd = os.open(file, _FLAGS, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        fd = os.open(file, _FLAGS, 0o600)
    try:
        view = memoryview(contents)
        while view:
            view = view[os.write(fd, view) :]
        if owner is not None:
            os.fchown(fd, *owner)
    except OSError as error:
        remove(file)
        error.filename = file
        raise
    finally:
        os.close(fd)


def remove(file: bytes) -> None:
    """Remove the file if it is there; one that cannot be removed only takes its space."""
    try:
        os.unlink(file)
    except OSError:
        return


def in_memory(contents: bytes) -> int:
    """The payload as an open file, to be stdin: no writer that could block or die, whatever its length."""
    fd = os.memfd_create("stdin")
    view = memoryview(contents)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
