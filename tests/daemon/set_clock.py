"""The clocks of the steps' tests, and words for spans of time in milliseconds."""

from __future__ import annotations

import time

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

# Keepers are real processes and write real times. The first Monday that is still to come lies behind all of them,
# whenever the tests run: with a fixed date they begin to fail on the day that it has passed.
_WEEK, _MONDAY_1970 = 7 * DAY, 4 * DAY
MONDAY = ((time.time_ns() // 1_000_000 + DAY - _MONDAY_1970) // _WEEK + 1) * _WEEK + _MONDAY_1970


class SetClock:
    """Both clocks stand still until a test moves them."""

    def __init__(self, now: int) -> None:
        self.realtime = now
        self.since_boot = 1_000_000

    def now(self) -> int:
        return self.realtime

    def boottime(self) -> int:
        return self.since_boot

    def pass_time(self, ms: int) -> int:
        """Time goes by; returns the new now."""
        self.realtime += ms
        self.since_boot += ms
        return self.realtime

    def step(self, ms: int) -> int:
        """Somebody sets the clock; returns the new now."""
        self.realtime += ms
        return self.realtime
