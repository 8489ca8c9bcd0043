"""Notices that the clock was set or that the machine slept, and tells the scheduler what its slots are worth now."""

from __future__ import annotations

from jobctl.clock import Clock
from jobctl.daemon.journal import Journal
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.step import QuietStep
from jobctl.domain.clock_step import ClockStep, judge
from jobctl.domain.units import format_duration

# The loop wakes at least once a second; a longer gap means that the machine, or the daemon, was suspended.
_ASLEEP_MS = 60_000


class ClockWatch(QuietStep):
    """Compares CLOCK_REALTIME with CLOCK_BOOTTIME at each wake."""

    def __init__(self, clock: Clock, scheduler: Scheduler, journal: Journal) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._journal = journal
        self._seen: tuple[int, int] | None = None  # both clocks at the last tick that was committed
        self._next: tuple[int, int] | None = None

    def tick(self, now: int) -> None:
        boottime = self._clock.boottime()
        self._next = (now, boottime)
        if self._seen is None:
            self._scheduler.woke(now, "the daemon was not running")
            return
        realtime_before, boottime_before = self._seen
        step = judge(realtime_before, boottime_before, now, boottime)
        if step is not ClockStep.NONE:
            by = format_duration(((now - realtime_before) - (boottime - boottime_before)) / 1000)
            self._journal.warning("clock was set", by=by, meaning=step.value)
            self._scheduler.clock_stepped(step, now, f"the clock was set by {by}")
        elif boottime - boottime_before > _ASLEEP_MS:
            asleep = format_duration((boottime - boottime_before) / 1000)
            self._journal.warning("slept", duration=asleep)
            self._scheduler.woke(now, f"the machine or the daemon was suspended for {asleep}")

    def committed(self) -> None:
        self._seen = self._next
