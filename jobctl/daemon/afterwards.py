"""What is done a while after something happened rather than in each tick, so that an idle daemon stays asleep."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep

_PAUSE_MS = 10_000


class Afterwards(QuietStep):
    """Acts after a commit, ten seconds after the first tick since it last acted. `act` raises nothing."""

    def __init__(self) -> None:
        self._due_at: int | None = None
        self._is_due = False

    def act(self) -> None:
        raise NotImplementedError

    def tick(self, now: int) -> None:
        if self._due_at is None:
            self._due_at = self.sleeps_until = now + _PAUSE_MS
        elif now >= self._due_at or self._due_at - now > _PAUSE_MS:  # the clock may have been set back
            self._is_due = True

    def committed(self) -> None:
        if self._is_due:
            self._due_at, self._is_due, self.sleeps_until = None, False, 0
            self.act()

    def rolled_back(self) -> None:
        self._is_due = False

    def next_at(self) -> int | None:
        return self._due_at
