"""`[monitor]`: processor, memory and disk of the host, looked at every 30 s; not at all where nobody asked for it."""

from __future__ import annotations

import os

from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import AlertKind, Trouble
from jobctl.domain.settings import Monitor
from jobctl.domain.units import format_size
from jobctl.process.host import memory

EVERY_MS = 30_000
BUSY_LOOKS = 10  # five minutes


class HostWatch:
    """`troubles` is asked at each look of the alerter."""

    def __init__(self, around: Surroundings) -> None:
        self._catalogue = around.catalogue
        self._state_dir = around.places.state_dir
        self._looked_at: int | None = None
        self._busy_looks = 0
        self._found: list[Trouble] = []

    def troubles(self, now: int) -> list[Trouble]:
        """What is above or below its threshold, as of the last look."""
        if self._catalogue.settings.monitor == Monitor():
            self._looked_at, self._busy_looks, self._found = None, 0, []
        elif self._looked_at is None or not 0 <= now - self._looked_at < EVERY_MS:
            is_first, self._looked_at = self._looked_at is None, now
            self._found = self._look(self._catalogue.settings.monitor, is_first=is_first)
        return self._found

    @property
    def next_at(self) -> int | None:
        """When to look again."""
        return None if self._looked_at is None else self._looked_at + EVERY_MS

    def _look(self, monitor: Monitor, *, is_first: bool) -> list[Trouble]:
        found = [self._cpu(monitor, is_first=is_first), self._memory(monitor), self._disk(monitor)]
        return [trouble for trouble in found if trouble is not None]

    def _cpu(self, monitor: Monitor, *, is_first: bool) -> Trouble | None:
        if monitor.cpu_above is None:
            return None
        percent = cpu_percent()  # since the last look, so that the first one says nothing
        self._busy_looks = self._busy_looks + 1 if percent > monitor.cpu_above and not is_first else 0
        if self._busy_looks < BUSY_LOOKS:
            return None
        words = f"the processors are {percent:.0f}% busy, for 5 minutes above {monitor.cpu_above:g}%"
        return Trouble(AlertKind.CPU, words)

    def _memory(self, monitor: Monitor) -> Trouble | None:
        if monitor.memory_above is None or (percent := memory_percent()) <= monitor.memory_above:
            return None
        return Trouble(AlertKind.MEMORY, f"{percent:.0f}% of the memory is in use, above {monitor.memory_above:g}%")

    def _disk(self, monitor: Monitor) -> Trouble | None:
        if monitor.disk_free_below is None:
            return None
        status = os.statvfs(self._state_dir)
        free = status.f_bavail * status.f_frsize
        if free >= monitor.disk_free_below:
            return None
        least = format_size(monitor.disk_free_below)
        words = f"{format_size(free)} free on the disk of {self._state_dir}, below {least}"
        return Trouble(AlertKind.DISK, words, severity="high")


def cpu_percent() -> float:
    """How busy all processors together were since the last call."""
    import psutil  # 20 ms and 4 MB, only for those with a [monitor]

    return psutil.cpu_percent(interval=None)


def memory_percent() -> float:
    """How much of the memory is in use, what can be had again left out."""
    found = memory()
    total, free = found.get("MemTotal"), found.get("MemAvailable")
    return 100 * (1 - free / total) if total and free is not None else 0.0
