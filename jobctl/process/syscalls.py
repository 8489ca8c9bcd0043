"""The two kernel services that Python does not offer: adopting orphans and punching holes into files."""

from __future__ import annotations

import ctypes
import os

_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_FALLOC_FL_KEEP_SIZE = 1
_FALLOC_FL_PUNCH_HOLE = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong)


def become_subreaper() -> None:
    """From now on orphaned descendants become children of this process instead of init (prctl(2)). OSError."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def set_process_name(name: bytes) -> None:
    """The name that ps and top show, at most 15 bytes."""
    _check(_libc.prctl(_PR_SET_NAME, name, 0, 0, 0))


def punch_hole(fd: int, start: int, length: int) -> None:
    """Give a range of a file back to the disk; it reads as zeros and the size stays (fallocate(2)).

    OSError with EOPNOTSUPP where the file system cannot.
    """
    _check(_libc.fallocate(fd, _FALLOC_FL_PUNCH_HOLE | _FALLOC_FL_KEEP_SIZE, start, length))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
