"""How busy the machine is, and how full, from the kernel."""

from __future__ import annotations

import os
from pathlib import Path

from jobctl.domain.admission import HostLoad

_FULL_BELOW = 1_000_000  # bytes


def host_load() -> HostLoad:
    """As of now."""
    return HostLoad(os.getloadavg()[0], memory().get("MemAvailable"))


def memory() -> dict[str, int]:
    """/proc/meminfo in bytes; empty where there is none. See proc_meminfo(5)."""
    try:
        with Path("/proc/meminfo").open(encoding="ascii") as file:
            pairs = (line.split(":") for line in file)
            return {name: int(rest.split()[0]) * 1024 for name, rest in pairs}
    except (OSError, ValueError):
        return {}


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder takes nothing worth mentioning any more."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _FULL_BELOW
