"""From when to when an attempt ran, by a clock that may be set meanwhile."""

from __future__ import annotations

import time

from jobctl.process import record_file

_CLOCK_WAS_SET = 2_000  # ms between two clocks, as in `domain/clock_step.py`, that are no slewing


class Span:
    """Begun or not, it has an end. Milliseconds since the epoch."""

    def __init__(self) -> None:
        self._started_at = record_file.ABSENT
        self._started_since_boot = 0

    def begin(self) -> None:
        """It begins now."""
        self._started_at, self._started_since_boot = now_ms(), _since_boot_ms()

    def end(self) -> tuple[int, int]:
        """When it began, or ABSENT, and now. By one clock: when that was set meanwhile, what lies between the two is
        still how long it took, suspend included."""
        finished_at = now_ms()
        if self._started_at == record_file.ABSENT:
            return self._started_at, finished_at
        took = _since_boot_ms() - self._started_since_boot
        stepped = abs(finished_at - self._started_at - took) >= _CLOCK_WAS_SET
        return (finished_at - took if stepped else self._started_at), finished_at


def now_ms() -> int:
    """What the clock shows."""
    return time.time_ns() // 1_000_000


def _since_boot_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
