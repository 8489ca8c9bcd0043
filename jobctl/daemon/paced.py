"""A step that has a look at things, at most once a second however often the loop ticks."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep

EVERY_MS = 1_000


class PacedStep(QuietStep):
    """Others override `look`. A tick that comes too soon is made up for, so that nothing is seen late for long."""

    def __init__(self) -> None:
        self._looked_at: int | None = None
        self._again_at: int | None = None

    def look(self, now: int) -> int | None:
        """See what is so at `now`. Returns when to look again at the latest, if nothing happens until then."""
        raise NotImplementedError

    def tick(self, now: int) -> None:
        if self._looked_at is not None and 0 <= now - self._looked_at < EVERY_MS:
            self._again_at = self._looked_at + EVERY_MS
            return
        self.look_now(now)

    def look_now(self, now: int) -> None:
        """Look, whenever the last time was."""
        self._looked_at = now
        self.sleeps_until = now + EVERY_MS
        at = self.look(now)
        self._again_at = None if at is None else max(at, now + EVERY_MS)

    def rolled_back(self) -> None:
        self._looked_at, self.sleeps_until = None, 0

    def next_at(self) -> int | None:
        return self._again_at
