"""What running attempts use now: one pass over the process table, whatever their number."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobctl.process import identity

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """A process tree at one instant. CPU and bytes count living processes and those they have reaped.

    `read_bytes` and `written_bytes` are what storage had to move, not what the page cache answered; None where the
    kernel does not let us look at any process of the tree.
    """

    cpu_seconds: float
    rss_bytes: int
    processes: int
    read_bytes: int | None = None
    written_bytes: int | None = None


def measure(job_pids: Iterable[int]) -> dict[int, Usage]:
    """The use of each job's tree, by the pid of its main process; jobs that are gone are left out.

    A tree is everything that descends from the main process or from anybody in its session.
    """
    table = _process_table()
    children: dict[int, list[int]] = {}
    sessions: dict[int, list[int]] = {}
    for pid, process in table.items():
        children.setdefault(process.ppid, []).append(pid)
        sessions.setdefault(process.session, []).append(pid)
    found = {}
    for job in job_pids:
        members = _with_descendants([job, *sessions.get(job, ())], children) & table.keys()
        if members:
            found[job] = _sum({pid: table[pid] for pid in members})
    return found


def _sum(tree: Mapping[int, identity.Stat]) -> Usage:
    moved = [found for pid in tree if (found := identity.bytes_moved(pid)) is not None]
    return Usage(
        sum(process.cpu_ticks for process in tree.values()) / _TICKS,
        sum(process.rss_pages for process in tree.values()) * _PAGE,
        len(tree),
        sum(read for read, _ in moved) if moved else None,
        sum(written for _, written in moved) if moved else None,
    )


def _with_descendants(roots: list[int], children: Mapping[int, list[int]]) -> set[int]:
    members: set[int] = set()
    waiting = roots
    while waiting:
        pid = waiting.pop()
        if pid not in members:
            members.add(pid)
            waiting += children.get(pid, ())
    return members


def _process_table() -> dict[int, identity.Stat]:
    found = ((pid, identity.stat(pid)) for pid in identity.all_pids())
    return {pid: stat for pid, stat in found if stat is not None}
