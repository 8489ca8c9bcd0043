"""`wait_for_idle`: which runs wait until the machine is less busy. It is looked at only while one does."""

from __future__ import annotations

from collections.abc import Callable

from jobctl.domain.admission import HostLoad, busy_with, held_for_load, latest_start, waits_for_idle
from jobctl.domain.job import Job
from jobctl.domain.run import Run
from jobctl.process.host import host_load

EVERY_MS = 5_000  # as often as the kernel works out the load


class Idleness:
    """Asked of each run that may start. One that was held starts a look: what it does to the machine shows only later,
    and a night's worth of held runs should not all start in the same calm second."""

    def __init__(self, look: Callable[[], HostLoad] = host_load) -> None:
        self._look = look
        self._host = HostLoad(0.0, None)
        self._looked_at: int | None = None
        self._is_taken = False  # the calm of the last look, by a run that waited for it
        self.next_at: int | None = None  # when to ask again; None: nobody was held

    def holds(self, job: Job, run: Run, now: int) -> bool:
        """Whether the run has to wait."""
        wait = job.wait_for_idle
        if wait is None or not waits_for_idle(wait, run, now):
            return False
        looked_at = self._looked_at
        if looked_at is None or not 0 <= now - looked_at < EVERY_MS:  # the clock may have been set back
            self._looked_at = looked_at = now
            self._host, self._is_taken = self._look(), False
        if not self._is_taken and held_for_load(wait, self._host) is None:
            return False
        soonest = (
            looked_at + EVERY_MS if wait.latest is None else min(looked_at + EVERY_MS, latest_start(wait, run.due_at))
        )
        self.next_at = soonest if self.next_at is None else min(self.next_at, soonest)
        return True

    def held_for(self, job: Job, run: Run, now: int) -> str | None:
        """What the last look found that keeps the run waiting, in words for later; None when it found nothing."""
        wait = job.wait_for_idle
        if wait is None or self._looked_at is None or not waits_for_idle(wait, run, now):
            return None
        return " and ".join(busy_with(wait, self._host, "was")) or None

    def started(self, job: Job, run: Run, now: int) -> None:
        """The run was claimed."""
        if job.wait_for_idle is not None and waits_for_idle(job.wait_for_idle, run, now):
            self._is_taken = True
