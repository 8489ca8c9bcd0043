"""Processes of one installation, found by what they were started with. Only these are ever signalled."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.end_to_end.waiting import until


def keepers(state_dir: Path) -> dict[int, str]:
    """Living keepers of a state directory: pid to the name of their record."""
    folder = os.fsencode(state_dir / "keepers")
    found = {}
    for pid in _pids():
        words = _words(pid)
        if len(words) >= 2 and words[-2] == folder:
            found[pid] = os.fsdecode(words[-1])
    return found


def children(parent: int, state: str = "") -> list[int]:
    """Children of a process, or those in one state (`Z`: ended and not waited for)."""
    return [pid for pid in _pids() if (stat := _stat(pid)) and int(stat[1]) == parent and state in ("", stat[0])]


def descendants(root: int) -> list[int]:
    """Everything below a process."""
    found = children(root)
    return found + [pid for child in found for pid in descendants(child)]


def busy_keepers(state_dir: Path) -> dict[int, str]:
    """Keepers that have a child, the job."""
    return {pid: name for pid, name in keepers(state_dir).items() if children(pid)}


def is_alive(pid: int) -> bool:
    """Whether it has not ended yet."""
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def kill(pid: int) -> None:
    """SIGKILL to one process; nothing happens when it is gone."""
    if pid > 1:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def kill_keeper_at_work(pid: int, state_dir: Path) -> bool:
    """SIGKILL to a keeper that surely had a job when it died; False: it had none, or was no keeper, and goes on.

    It is stopped first, so that nothing changes between the look and the kill. What looked like a keeper may have been
    its child on the way to `exec`, and the job by now.
    """
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    until(lambda: (stat := _stat(pid)) is None or stat[0] in "TZ", "the process stands still")
    at_work = pid in busy_keepers(state_dir)
    os.kill(pid, signal.SIGKILL if at_work else signal.SIGCONT)
    return at_work


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208  pathlib is slow here


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return []


def _stat(pid: int) -> list[str] | None:
    """State, parent, … of proc_pid_stat(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
