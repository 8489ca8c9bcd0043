"""A control group (cgroups(7), version 2) for the processes of a keeper's job, where somebody delegated one to us.

It finds what a walk over parents cannot: whoever changed session and environment after the keeper was killed. And it
kills all its members at once, however fast they fork. Where there is none, nothing is done and nothing is missing.

The groups lie directly below that of the daemon, in which daemon and keepers stay. The kernel's rule that processes
live in leaves only binds groups that hand controllers on to their children. They are handed on where nobody lives in
the delegated group itself (`DelegateSubgroup=`, see delegation.py): then a group also limits its job as a whole.
"""

# ruff: noqa: PTH102, PTH106, PTH123
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os

from jobctl.process import signals, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX = "jobctl-"


class ControlGroup:
    """The group at an absolute path, which need not be there."""

    __slots__ = ("_limits", "_refusals", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self._limits: dict[str, int] = {}  # in force
        self._refusals: dict[str, int] = {}  # counted before this job

    def door(self) -> int:
        """A descriptor for `syscalls.fork_into`. The group is made if need be. OSError."""
        flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            return os.open(self.path, flags)
        except FileNotFoundError:
            os.mkdir(self.path)
            return os.open(self.path, flags)

    def pids(self) -> list[int]:
        """Its living members, also those in groups that the job made below it."""
        members: list[int] = []
        for group in self._with_those_below():
            try:
                with open(group + "/cgroup.procs", "rb", buffering=0) as listing:
                    members += [pid for pid in map(int, listing.readall().split()) if pid > 1]
            except OSError:
                continue  # it was removed meanwhile
        return members

    def signal(self, number: int, apart_from: Collection[int] = ()) -> int:
        """Send a signal once to each member; how many took it. SIGKILL comes to all in one stroke."""
        if number == signals.SIGKILL:
            return self._kill()
        return sum(self._signal_member(pid, number) for pid in self.pids() if pid not in apart_from)

    def remove(self) -> bool:
        """Take it away unless somebody is in it. Whether it is gone."""
        for group in reversed(self._with_those_below()):
            try:
                os.rmdir(group)
            except OSError:
                continue
        return not os.path.isdir(self.path)  # noqa: PTH112

    def limit_memory(self, limit: int | None) -> bool:
        """Let all members together hold no more than so many bytes, or as much as they like: beyond that the kernel
        kills all of them. Whether that limit is in force; False for none."""
        self._refusals["memory.events"] = number_after(self.path, "memory.events", b"oom_kill") or 0
        return self._limit("memory.max", limit) and self._write("memory.oom.group", b"1")

    def limit_processes(self, limit: int | None) -> bool:
        """The same for their number, threads included: beyond that no fork succeeds."""
        self._refusals["pids.events"] = number_after(self.path, "pids.events", b"max") or 0
        return self._limit("pids.max", limit)

    def was_killed_for_memory(self) -> bool:
        """Whether the kernel has killed members since `limit_memory`."""
        return self._has_risen("memory.events", b"oom_kill")

    def was_refused_processes(self) -> bool:
        """Whether the kernel has refused a fork since `limit_processes`."""
        return self._has_risen("pids.events", b"max")

    def _has_risen(self, name: str, key: bytes) -> bool:
        return (number_after(self.path, name, key) or 0) > self._refusals.get(name, 0)

    def _limit(self, name: str, limit: int | None) -> bool:
        if limit is None:
            if name in self._limits and self._write(name, b"max"):
                del self._limits[name]
            return False
        if self._limits.get(name) != limit and not self._write(name, b"%d" % limit):
            return False
        self._limits[name] = limit
        return True

    def _write(self, name: str, contents: bytes) -> bool:
        """Whether there is such a file, which only its controller makes, and it took that."""
        try:
            fd = os.open(f"{self.path}/{name}", os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return os.write(fd, contents) == len(contents)
        except OSError:
            return False
        finally:
            os.close(fd)

    def _signal_member(self, pid: int, number: int) -> bool:
        return tree.signal_if(pid, number, lambda: pid in self.pids())

    def _kill(self) -> int:
        members = len(self.pids())
        try:
            with open(self.path + "/cgroup.kill", "wb", buffering=0) as kill:
                kill.write(b"1")
        except OSError:
            return 0
        return members

    def _with_those_below(self) -> list[str]:
        """Parents before their children."""
        groups = [self.path]
        for group in groups:  # grows while it is walked
            try:
                groups += [entry.path for entry in os.scandir(group) if entry.is_dir(follow_symlinks=False)]
            except OSError:
                continue
        return groups


def number_after(path: str, name: str, key: bytes) -> int | None:
    """The number that a file of lines `key number` gives for a key; None where there is none."""
    try:
        with open(f"{path}/{name}", "rb", buffering=0) as listing:
            words = listing.readall().split()
    except OSError:
        return None
    return int(words[words.index(key) + 1]) if key in words else None


def of_keeper(base: str, keeper: str) -> ControlGroup:
    """The group of a keeper below the one that was delegated."""
    return ControlGroup(f"{base}/{PREFIX}{keeper}")
