"""Attempts that began beside the daemon: `jobctl exec` executes and ends them itself.

They are looked after like those of a daemon before: they count where something is limited, can be cancelled, and are
ended here when the call that began them was killed.
"""

from __future__ import annotations

from jobctl.daemon.recovery import Recovery
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Attempt, Status

_LOOK_EVERY_MS = 1_000  # what ends sooner needs nobody


class Visitors(QuietStep):
    """Finds them, at most once a second, and only where the store knows of more running runs than the daemon."""

    def __init__(self, around: Surroundings, recovery: Recovery) -> None:
        self._store = around.store
        self._in_flight = around.in_flight
        self._recovery = recovery
        self._news = around.news
        self._found: list[Attempt] = []
        self._looked_at = 0

    def tick(self, now: int) -> None:
        if 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            return
        self._looked_at = now
        if self._store.runs.counts()[Status.RUNNING] > len(self._in_flight):
            unfinished = self._store.attempts.unfinished()
            self._found = [attempt for attempt in unfinished if self._in_flight.get(attempt.token) is None]

    def committed(self) -> None:
        for attempt in self._found:
            self._recovery.adopt(attempt)
            self._news.stops = True  # somebody may have asked for it before it was found
        self._found = []

    def rolled_back(self) -> None:
        self._found = []
