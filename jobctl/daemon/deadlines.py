"""What the dispatcher does ahead of the scheduler."""

from __future__ import annotations

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.step import NEVER


class Deadlines:
    """Runs that wait are released, or missed, before new slots are decided, which the missed ones would block. When it
    is time for that the dispatcher knows, which has the last word of a tick on what waits."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    @property
    def sleeps_until(self) -> int:
        deadline = self._dispatcher.deadline
        return NEVER if deadline is None else deadline

    def tick(self, now: int) -> None:
        self._dispatcher.meet_deadlines(now)

    def committed(self) -> None:
        return

    def rolled_back(self) -> None:
        return

    def next_at(self) -> int | None:
        return self._dispatcher.deadline
