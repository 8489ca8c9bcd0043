"""Notices that the clock was set or that the machine slept, and tells the scheduler what its slots are worth now."""

from __future__ import annotations

from jobctl.clock import Clock
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.clock_step import ClockStep, judge
from jobctl.domain.due import daemon_down
from jobctl.domain.units import format_duration

# An idle daemon ticks once a minute, for its beat; a longer gap means that it, or the machine, was suspended.
_ASLEEP_MS = 90_000


class ClockWatch(QuietStep):
    """Compares CLOCK_REALTIME with CLOCK_BOOTTIME at each wake."""

    def __init__(self, clock: Clock, scheduler: Scheduler, around: Surroundings) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._store = around.store
        self._journal = around.journal
        self._news = around.news
        self._seen: tuple[int, int] | None = None  # both clocks at the last tick that was committed
        self._next: tuple[int, int] | None = None
        self.stepped: str | None = None  # the last step in words, until somebody has taken note of it

    def has_stepped(self, now: int) -> bool:
        """Whether the clock was set since the last tick. A clock set back passes no deadline: this wakes the loop."""
        if self._seen is None:
            return False
        return judge(*self._seen, now, self._clock.boottime()) is not ClockStep.NONE

    def tick(self, now: int) -> None:
        boottime = self._clock.boottime()
        self._next = (now, boottime)
        if self._seen is None:
            while_down = daemon_down(self._store.service.last_seen(), now)
            self._scheduler.woke(now, while_down)
            self._compare_with_the_past(now, while_down)
            return
        realtime_before, boottime_before = self._seen
        step = judge(realtime_before, boottime_before, now, boottime)
        if step is not ClockStep.NONE:
            by = format_duration(((now - realtime_before) - (boottime - boottime_before)) / 1000)
            self._journal.warning("clock was set", by=by, meaning=step.value)
            self.stepped = f"the clock was set by {by}: {step.value}"
            self._news.foreign = True  # nobody knows how long it sleeps
            self._scheduler.clock_stepped(step, now, f"the clock was set by {by}")
        elif boottime - boottime_before > _ASLEEP_MS:
            asleep = format_duration((boottime - boottime_before) / 1000)
            self._journal.warning("slept", duration=asleep)
            self._scheduler.woke(now, f"the machine or the daemon was suspended for {asleep}")

    def _compare_with_the_past(self, now: int, while_down: str) -> None:
        """Slots that were decided in what is now the future: the clock was set back while no daemon lived."""
        latest = max((timing.watermark or 0 for timing in self._store.jobs.timings()), default=0)
        ahead = latest * 1000 - now
        step = judge(0, 0, -ahead, 0) if ahead > 0 else ClockStep.NONE
        if step is not ClockStep.NONE:
            by = format_duration(-ahead / 1000)
            self._journal.warning("clock was set while the daemon was not running", by=by, meaning=step.value)
            self._scheduler.clock_stepped(step, now, while_down)

    def committed(self) -> None:
        self._seen = self._next
