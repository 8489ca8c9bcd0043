"""A control group (cgroups(7), version 2) for the processes of a keeper's job, where somebody delegated one to us.

It finds what a walk over parents cannot: whoever changed session and environment after the keeper was killed. And it
kills all its members at once, however fast they fork. Where there is none, nothing is done and nothing is missing.

The groups lie directly below that of the daemon, in which daemon and keepers stay. The kernel's rule that processes
live in leaves only binds groups that hand controllers on to their children: none are enabled here.
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

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

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


def of_keeper(base: str, keeper: str) -> ControlGroup:
    """The group of a keeper below the one that was delegated."""
    return ControlGroup(f"{base}/{PREFIX}{keeper}")
