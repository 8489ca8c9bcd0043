"""How busy the machine is, from the kernel."""

from __future__ import annotations

import os
from pathlib import Path

from jobctl.domain.admission import HostLoad


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
