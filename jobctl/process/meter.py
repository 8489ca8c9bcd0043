"""What an attempt uses, measured by its keeper: whatever becomes of the daemon, its end knows.

What `wait4` says of those who were reaped is the truth as far as it goes: it knows nothing of children that nobody
reaped, and the largest memory of one process but not that of all together. So the tree is looked at now and then too,
a process at a time; an attempt that is over within a fifth of a second never is.
"""

from __future__ import annotations

import os

from jobctl.process import identity, tree
from jobctl.process.group_use import GroupUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import resource

    from jobctl.process.control_group import ControlGroup

_FIRST_LOOK, _LONGEST_PAUSE = 0.2, 2.0  # seconds
_REST = 10  # times as long as a look took: at thousands of processes it may take a good part of a second
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_BLOCK = 512  # bytes, the unit of ru_inblock whatever the device


class Meter:
    """The use of one attempt so far. Instants are seconds of the monotonic clock; memory and storage are bytes."""

    __slots__ = (
        "_group", "_next", "_pause", "_reaped_cpu", "_reaped_read", "_reaped_written", "_seen_cpu",
        "_seen_read", "_seen_written", "memory_now", "peak_memory", "processes_now",
    )  # fmt: skip

    def __init__(self, group: ControlGroup | None) -> None:
        self._group = None if group is None else GroupUse(group.path)
        self._pause = _FIRST_LOOK
        self._next = 0.0
        self._reaped_cpu = self._seen_cpu = 0.0
        self._reaped_read = self._reaped_written = self._seen_read = self._seen_written = 0
        self.memory_now = self.peak_memory = self.processes_now = 0

    @property
    def cpu_seconds(self) -> float:
        """What was used is never less than what was seen: who ends unreaped takes its figures along."""
        return max(self._reaped_cpu, self._seen_cpu)

    @property
    def moved(self) -> tuple[int, int]:
        """What storage had to read and to write."""
        return max(self._reaped_read, self._seen_read), max(self._reaped_written, self._seen_written)

    def open(self) -> None:
        """The job is about to be born into its group, which may have had others before."""
        if self._group is not None:
            self._group.begin()

    def begin(self, now: float) -> None:
        """The job runs."""
        self._next = now + self._pause

    def reaped(self, usage: resource.struct_rusage) -> None:
        """A process of the tree ended. Its use includes that of the children it had reaped itself."""
        self._reaped_cpu += usage.ru_utime + usage.ru_stime
        self._reaped_read += usage.ru_inblock * _BLOCK
        self._reaped_written += usage.ru_oublock * _BLOCK
        self.peak_memory = max(self.peak_memory, usage.ru_maxrss * 1024)

    def look(self, now: float, *, closely: bool = False) -> bool:
        """Measure all that live now, if it is time to; whether it was. `closely`: several times a second."""
        if now < self._next:
            return False
        self._pause = _FIRST_LOOK if closely else min(2 * self._pause, _LONGEST_PAUSE)
        self._next = now + self._pause
        ticks = pages = living = 0
        read, written = self._reaped_read, self._reaped_written
        for pid in tree.descendants(os.getpid()):
            stat = identity.stat(pid)
            if stat is not None:
                living += 1
                ticks += stat.cpu_ticks
                pages += stat.rss_pages
                moved = identity.bytes_moved(pid) or (0, 0)
                read, written = read + moved[0], written + moved[1]
        in_group = None if self._group is None else self._group.memory()
        self.processes_now = living
        self.memory_now = pages * _PAGE if in_group is None else in_group
        self.peak_memory = max(self.peak_memory, self.memory_now)
        self._seen_cpu = max(self._seen_cpu, self._reaped_cpu + ticks / _TICKS)
        self._seen_read, self._seen_written = max(self._seen_read, read), max(self._seen_written, written)
        self._ask_the_group()
        return True

    def took(self, seconds: float) -> None:
        """So long the last look was, with all that was found out for it: the next one keeps its distance, but
        comes after the longest pause: a machine that is slow for want of memory is one to look at."""
        self._next += max(0.0, min(_REST * seconds, _LONGEST_PAUSE) - self._pause)

    def close(self) -> None:
        """The attempt is over. One that was never looked at has left nothing that `wait4` did not tell."""
        if self._group is None:
            return
        if self._pause > _FIRST_LOOK:
            self._ask_the_group()
            self.peak_memory = max(self.peak_memory, self._group.peak_memory() or 0)
            self._seen_read = max(self._seen_read, self._group.bytes_read() or 0)
        self._group.close()

    def _ask_the_group(self) -> None:
        """The group has counted whoever was never reaped."""
        if self._group is not None:
            self._seen_cpu = max(self._seen_cpu, self._group.cpu_seconds() or 0.0)
