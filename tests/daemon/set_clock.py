"""The clocks of the steps' tests, and words for spans of time in milliseconds."""

from __future__ import annotations

MONDAY = 1_795_392_000_000  # 2026-11-23T00:00:00Z
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


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
