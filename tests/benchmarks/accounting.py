"""What processes have used, by the kernel's own books."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tests.end_to_end import processes

_TICKS = os.sysconf("SC_CLK_TCK")


def with_children(pid: int) -> list[int]:
    """A daemon and its keepers."""
    return [pid, *processes.children(pid)]


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes and of every child that they have reaped, seconds."""
    return sum(map(_ticks, pids)) / _TICKS


def own_cpu_seconds(pid: int) -> float:
    """The time that the main thread of a process was on a CPU, to the nanosecond; children do not count."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def wakeups(pid: int) -> int:
    """How often a process has gone to sleep by itself: each time something woke it before."""
    return _number(Path(f"/proc/{pid}/status").read_text(), "voluntary_ctxt_switches:")


def pss_bytes(pid: int) -> int:
    """Memory of a process, pages that it shares counted in shares (smaps_rollup)."""
    return 1024 * _number(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss:")


def rss_bytes(pid: int) -> int:
    """Memory of a process, shared pages and all."""
    return 1024 * _number(Path(f"/proc/{pid}/status").read_text(), "VmRSS:")


def _ticks(pid: int) -> int:
    # Numbering of proc_pid_stat(5), less the three fields up to the name: it may hold spaces and parentheses.
    text = Path(f"/proc/{pid}/stat").read_text()
    return sum(map(int, text[text.rindex(")") + 2 :].split()[11:15]))


def _number(text: str, label: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(label))
    return int(line.split()[1])
