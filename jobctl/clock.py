"""The only place that reads a clock.

Instants (`*_at`) are whole milliseconds since the epoch, UTC. Slots of a schedule are whole seconds since the
epoch. Everything below the loop receives `now` as a parameter.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the loop and the verbs get the time from."""

    def now(self) -> int:
        """Milliseconds since the epoch (CLOCK_REALTIME); steps when the operator sets the clock."""
        ...

    def boottime(self) -> int:
        """Milliseconds since boot, suspend included (CLOCK_BOOTTIME); never steps."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def boottime(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def is_synchronised() -> bool | None:
    """Whether the kernel holds its clock to be synchronised (adjtimex(2)); None where it cannot be asked."""
    import ctypes  # 5 ms that nobody else needs

    timex = ctypes.create_string_buffer(_LARGER_THAN_TIMEX)  # modes = 0: only read
    state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    return None if state < 0 else state != _TIME_ERROR


_TIME_ERROR = 5
_LARGER_THAN_TIMEX = 512
