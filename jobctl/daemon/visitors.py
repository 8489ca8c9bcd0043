"""Attempts that began beside the daemon: `jobctl exec` executes and ends them itself.

They are looked after like those of a daemon before: they count where something is limited, can be cancelled, and are
ended here when the call that began them was killed.
"""

from __future__ import annotations

from jobctl.daemon.paced import PacedStep
from jobctl.daemon.recovery import Recovery
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Attempt, Status


class Visitors(PacedStep):
    """Finds them, at most once a second since what ends sooner needs nobody, and only where the store knows of more
    running runs than the daemon."""

    def __init__(self, around: Surroundings, recovery: Recovery) -> None:
        super().__init__()
        self._store = around.store
        self._in_flight = around.in_flight
        self._recovery = recovery
        self._news = around.news
        self._found: list[Attempt] = []

    def look(self, now: int) -> int | None:
        if self._store.runs.counts()[Status.RUNNING] > len(self._in_flight):
            unfinished = self._store.attempts.unfinished()
            self._found = [attempt for attempt in unfinished if self._in_flight.get(attempt.token) is None]
        return None

    def committed(self) -> None:
        for attempt in self._found:
            self._recovery.adopt(attempt)
            self._news.stops = True  # somebody may have asked for it before it was found
        self._found = []

    def rolled_back(self) -> None:
        super().rolled_back()
        self._found = []
