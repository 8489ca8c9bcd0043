"""What the daemon can do without for a while: it must not keep runs from starting and ending."""

from __future__ import annotations

from jobctl.daemon.journal import Journal
from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.step import Step


class Dispensable:
    """Another step, left out for ten minutes when three ticks in a row failed in it for a reason that nobody foresaw.

    Not for a step that has descriptors of its own: unheard they would wake the loop again and again.
    """

    def __init__(self, step: Step, journal: Journal) -> None:
        self._step = step
        self.sleeps_until = 0
        self._name = type(step).__name__.lower()
        self._setbacks: Setbacks[str] = Setbacks(journal, "a part of the daemon fails, going on without it")

    def tick(self, now: int) -> None:
        if self._setbacks.is_aside(self._name, now, part=self._name):
            self._step.rolled_back()  # what it does not see now it must look for later
            return
        try:
            self._step.tick(now)
        except Exception as problem:
            self._setbacks.blame(self._name, problem)
            raise
        self._setbacks.forget(self._name)
        self.sleeps_until = self._step.sleeps_until

    def committed(self) -> None:
        self._step.committed()

    def rolled_back(self) -> None:
        self.sleeps_until = 0
        self._step.rolled_back()

    def next_at(self) -> int | None:
        rests_until = self._setbacks.rests_until(self._name)
        return self._step.next_at() if rests_until is None else rests_until
