"""How busy each processor is, from the kernel."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class CoreTime(NamedTuple):
    """What one processor has done since the machine came up, in clock ticks."""

    busy: int
    total: int


def core_times() -> tuple[CoreTime, ...]:
    """The processors that are switched on, in their order; empty where the kernel does not say. See proc_stat(5)."""
    found = []
    try:
        with Path("/proc/stat").open("rb") as file:
            next(file)  # all of them together
            for line in file:
                if not line.startswith(b"cpu"):
                    break  # the rest is long and about interrupts
                ticks = list(map(int, line.split()[1:9]))  # guests are counted among the users already
                found.append(CoreTime(sum(ticks) - ticks[3] - ticks[4], sum(ticks)))
    except (OSError, ValueError, IndexError, StopIteration):
        return ()
    return tuple(found)


def busy_percents(before: tuple[CoreTime, ...], after: tuple[CoreTime, ...]) -> tuple[float, ...]:
    """How busy each processor was between two looks; empty when one was switched on or off meanwhile."""
    if len(before) != len(after):
        return ()
    return tuple(_percent(old, new) for old, new in zip(before, after, strict=True))


def _percent(before: CoreTime, after: CoreTime) -> float:
    passed = after.total - before.total
    # The kernel's count of waiting for disks may go back a little.
    return min(100.0, max(0.0, 100 * (after.busy - before.busy) / passed)) if passed > 0 else 0.0
