"""Stopping a process with everything that descends from it.

A process group is not enough: a job may start sessions of its own. Descendants are found through the kernel's lists
of children; whoever loses its parent becomes a child of the keeper (subreaper), so a job cannot leave its tree.

Every signal goes through a pidfd that was opened first and checked afterwards: if the process found is not where the
walk saw it, the pid belongs to somebody else by now and is left alone.
"""

# ruff: noqa: PTH110, PTH123, PTH208
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os

from jobctl.process import identity, signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FREEZE_ROUNDS = 20  # a fork bomb that outruns this many passes is met again in the caller's next round


def descendants(root: int) -> dict[int, int]:
    """Everything below `root`, parents first: pid to the pid of its parent at the time of looking."""
    found: dict[int, int] = {}
    waiting = [root]
    while waiting:
        parent = waiting.pop(0)
        for child in _children(parent):
            if child not in found and child > 1:
                found[child] = parent
                waiting.append(child)
    return found


def signal_descendants(root: int, number: int) -> int:
    """Send a signal once to everything below `root`; how many took it."""
    family = descendants(root)
    return sum(signal_if_in_family(pid, number, root, family) for pid in family)


def kill_descendants(root: int) -> int:
    """One round of SIGKILL for everything below `root`; how many were found. Call again until nothing is left.

    All are stopped before the first is killed, each before its children are looked at: a tree that keeps forking
    would grow faster than it is walked, but who is stopped has no further children.
    """
    family: dict[int, int] = {}
    for _ in range(_FREEZE_ROUNDS):
        before = len(family)
        _freeze(root, family)
        if len(family) == before:
            break
    for pid in family:
        signal_if_in_family(pid, signals.SIGKILL, root, family)
    return len(family)


def _freeze(root: int, family: dict[int, int]) -> None:
    """Stop everything below `root` that is not in `family` yet, and add it."""
    waiting = [root, *family]
    for parent in waiting:  # grows while it is walked
        for child in _children(parent):
            if child not in family:
                family[child] = parent
                signal_if_in_family(child, signals.SIGSTOP, root, family)
                waiting.append(child)


def signal_process(pid: int, started: int, number: int) -> bool:
    """Signal one process, known by its start time. False when it is gone, is somebody else, or may not be signalled."""

    def is_meant() -> bool:
        return identity.is_same(pid, started)

    return signal_if(pid, number, is_meant)


def signal_if_in_family(pid: int, number: int, root: int, family: dict[int, int]) -> bool:
    """Signal a process if it is still a child of `root` or of somebody in `family`."""

    def is_meant() -> bool:
        found = identity.stat(pid)
        return found is not None and (found.ppid == root or found.ppid in family)

    return signal_if(pid, number, is_meant)


def signal_if(pid: int, number: int, is_meant: Callable[[], bool]) -> bool:
    """Signal a process if `is_meant`, asked once its pidfd is held, says so. Whether it took the signal."""
    if pid <= 1:
        return False
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not is_meant():
            return False
        signals.send_to_pidfd(pidfd, number)
    except OSError:
        return False  # it went meanwhile, or belongs to another user (a set-uid program)
    finally:
        os.close(pidfd)
    return True


def _children(pid: int) -> list[int]:
    """The children of all threads of a process; empty when it is gone."""
    if not _KERNEL_LISTS_CHILDREN:
        return _children_by_search(pid)
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as listing:
                children += map(int, listing.readall().split())
    except OSError:
        pass  # gone, or a thread of it; whoever it leaves behind shows up elsewhere in the next round
    return children


def _children_by_search(parent: int) -> list[int]:
    """For kernels without CONFIG_PROC_CHILDREN: ask every process for its parent."""
    found = ((pid, identity.stat(pid)) for pid in identity.all_pids())
    return [pid for pid, stat in found if stat is not None and stat.ppid == parent]


_KERNEL_LISTS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
