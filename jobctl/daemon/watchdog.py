"""The proof that the daemon works: a commit of its own to the store, then a word to the service manager."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.errors import DiskFull

_BEAT_EVERY_MS = 60_000


class Watchdog(QuietStep):
    """Fed only after the loop has committed, so that a daemon that cannot write counts as stuck. One exception: a full
    disk. No restart makes room, and a daemon that the store has just told so is not stuck: it is waiting."""

    def __init__(self, around: Surroundings, manager: ServiceManager) -> None:
        self._store = around.store
        self._around = around
        self._manager = manager
        self._every = min(_BEAT_EVERY_MS, manager.watchdog_interval_ms or _BEAT_EVERY_MS)
        self._beat_at = 0
        self._beating = False
        self._excused_at = 0

    def tick(self, now: int) -> None:
        if not 0 <= now - self._beat_at < self._every:
            self._store.service.beat(now)
            self._beat_at = now
            self._beating = True
        self.sleeps_until = self._beat_at + self._every

    def committed(self) -> None:
        if self._beating:
            self._manager.feed_watchdog()
            self._manager.status(self._around.status_words)
            self._beating = False

    def rolled_back(self) -> None:
        self._beat_at, self._beating = 0, False

    def failed(self, problem: Exception, now: int) -> None:
        """The tick came to nothing."""
        if isinstance(problem, DiskFull) and not 0 <= now - self._excused_at < self._every:
            self._excused_at = now
            self._manager.feed_watchdog()
            self._manager.status("the disk is full: nothing can be stored")

    def next_at(self) -> int | None:
        return self._beat_at + self._every
