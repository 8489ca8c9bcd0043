"""What running attempts use now: one pass over the process table, whatever their number."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """A process tree at one instant. `cpu_seconds` counts living processes and those they have reaped."""

    cpu_seconds: float
    rss_bytes: int
    processes: int


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    session: int
    ticks: int
    pages: int


def measure(job_pids: Iterable[int]) -> dict[int, Usage]:
    """The use of each job's tree, by the pid of its main process; jobs that are gone are left out.

    A tree is everything that descends from the main process or from anybody in its session.
    """
    table = _process_table()
    children: dict[int, list[int]] = {}
    sessions: dict[int, list[int]] = {}
    for pid, process in table.items():
        children.setdefault(process.parent, []).append(pid)
        sessions.setdefault(process.session, []).append(pid)
    found = {}
    for job in job_pids:
        members = _with_descendants([job, *sessions.get(job, ())], children) & table.keys()
        if members:
            found[job] = _sum(table[pid] for pid in members)
    return found


def _sum(processes: Iterable[_Process]) -> Usage:
    ticks = pages = count = 0
    for process in processes:
        ticks += process.ticks
        pages += process.pages
        count += 1
    return Usage(ticks / _TICKS, pages * _PAGE, count)


def _with_descendants(roots: list[int], children: Mapping[int, list[int]]) -> set[int]:
    members: set[int] = set()
    waiting = roots
    while waiting:
        pid = waiting.pop()
        if pid not in members:
            members.add(pid)
            waiting += children.get(pid, ())
    return members


def _process_table() -> dict[int, _Process]:
    table = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_bytes()
            except OSError:
                continue  # it ended meanwhile
            # Numbering of proc_pid_stat(5), less the three fields up to the name: it may hold spaces and parentheses.
            fields = text[text.rindex(b")") + 2 :].split()
            ticks = sum(map(int, fields[11:15]))
            table[int(entry.name)] = _Process(int(fields[1]), int(fields[3]), ticks, int(fields[21]))
    return table
