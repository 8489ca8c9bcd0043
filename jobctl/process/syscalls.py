"""The kernel services that Python does not offer: adopting orphans, punching holes into files, children that are born
in a control group."""

from __future__ import annotations

import ctypes
import os

_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_FALLOC_FL_KEEP_SIZE = 1
_FALLOC_FL_PUNCH_HOLE = 2

_SYS_CLONE3 = 435  # on every architecture but Alpha
_CLONE_INTO_CGROUP = 0x200000000
_SIGCHLD = 17

_libc = ctypes.CDLL(None, use_errno=True)
_python_libc = ctypes.PyDLL(None, use_errno=True)  # holds on to the interpreter's lock, which the child inherits
_python_libc.syscall.restype = ctypes.c_long
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


def fork_into(group: int) -> int:
    """fork(2) whose child is in the control group, of whose directory `group` is a descriptor, from its birth. OSError.

    A process that moves itself waits for a grace period of the kernel, 10 ms and for all who move one after the other
    (measured); being born there costs nothing. Only for a process without threads, and a child that executes soon:
    Python is not told of the fork.
    """
    arguments = _CloneArguments(flags=_CLONE_INTO_CGROUP, exit_signal=_SIGCHLD, cgroup=group)
    pid: int = _python_libc.syscall(_SYS_CLONE3, ctypes.byref(arguments), ctypes.sizeof(arguments))
    if pid == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return pid


class _CloneArguments(ctypes.Structure):
    """struct clone_args of clone(2)."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in (
            "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls", "set_tid",
            "set_tid_size", "cgroup",
        )
    )  # fmt: skip


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
