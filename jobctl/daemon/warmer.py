"""Keepers are started before somebody waits for them, and never while the store is locked."""

from __future__ import annotations

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.errors import CannotStart

# Eight keepers take a tenth of a second on two cores.
_AHEAD_OF_A_SLOT_MS = 1_000


class Warmer(QuietStep):
    """Starts the keepers that waiting runs lack, and shortly before a slot those that its runs will. Each that gets
    ready wakes the daemon."""

    def __init__(self, around: Surroundings, scheduler: Scheduler, dispatcher: Dispatcher) -> None:
        self._catalogue = around.catalogue
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._scheduler = scheduler
        self._dispatcher = dispatcher
        self._now = 0
        self._prepares_at: int | None = None

    def tick(self, now: int) -> None:
        self._now = now

    def committed(self) -> None:
        self._prepares_at = None
        try:
            if self._dispatcher.lacking:
                self._pool.warm(self._dispatcher.lacking, self._now)
        except CannotStart as problem:
            self._dispatcher.hold(self._now, problem.message)
            return
        self._prepare_for_the_next_slot()

    def next_at(self) -> int | None:
        return self._prepares_at

    def _prepare_for_the_next_slot(self) -> None:
        at = self._prepare_at()
        if at is None:
            return
        if at > self._now:
            self._prepares_at = at  # from then on a keeper that is ready wakes us
            return
        try:
            self._pool.warm(self._wanted(), self._now)
        except CannotStart:
            return  # if it is still so when the runs are there, the dispatcher says it

    def _prepare_at(self) -> int | None:
        slot = self._scheduler.next_slot
        if slot is None or self._dispatcher.draining or self._wanted() <= self._pool.prepared:
            return None
        return slot * 1000 - _AHEAD_OF_A_SLOT_MS

    def _wanted(self) -> int:
        """How many of the runs of the next slot could start at once."""
        free = self._catalogue.max_concurrent - len(self._in_flight)
        return self._scheduler.due_together(free) if self._catalogue.starts_scheduled else 0
