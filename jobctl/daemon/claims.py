"""Claims: the move of a queued run to an attempt with a token and a keeper, which is committed before the keeper hears
of it."""

from __future__ import annotations

import os

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.setbacks import Setbacks
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.job import Job
from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.run_id import to_text

_LOOK_EVERY_MS = 60_000


class Claims:
    """Makes them, in the caller's transaction. A run whose claim the store refuses for a reason of its own undoes one
    tick and is then passed over for a while, as are more of them at once: those behind them must not wait."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._pool = around.pool
        self._looked_at = 0
        self._refused: Setbacks[int] = Setbacks(around.journal, "a run cannot be claimed, going on without it", tries=1)

    @property
    def refused(self) -> int:
        """How many runs may have to be passed over."""
        return self._refused.total()

    def next_at(self, now: int) -> int | None:
        """When the next run that is passed over is to be tried again. Now and then those are forgotten that wait no
        more: cancelled, missed or deleted."""
        if not 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            self._looked_at = now
            for run_id in self._refused.known():
                run = self._store.runs.get(run_id)
                if run is None or run.status is not Status.QUEUED:
                    self._refused.forget(run_id)
        return self._refused.next_after(now)

    def possible(self, runs: list[Run], now: int) -> list[Run]:
        """Those of them that are not to be passed over."""
        if not self._refused.total():
            return runs
        return [run for run in runs if not self._refused.is_aside(run.id, now, job=run.job, run=to_text(run.id))]

    def claim(self, run: Run, job: Job, keeper: str, now: int) -> Flight | None:
        """The flight that begins; None when somebody has cancelled the run since it was read, or when it is to be
        passed over, and the keeper is given back."""
        flight = None
        try:
            if self._refused.total():  # one has cost a tick: many that are refused must not cost as many
                with self._refused.alone(run.id), self._store.part():
                    flight = self._begin(run, job, keeper, now)
            else:
                with self._refused.blaming(run.id):
                    flight = self._begin(run, job, keeper, now)
        finally:
            if flight is None:
                self._pool.release(keeper)
        return flight

    def _begin(self, run: Run, job: Job, keeper: str, now: int) -> Flight | None:
        token = os.urandom(16)
        number = self._store.attempts.begin(run.id, token, keeper, now)
        parents = self._store.chains.parents(run.id) if run.origin is Origin.CHAIN and number is not None else ()
        self._refused.forget(run.id)
        if number is None:
            return None
        execution = job.execution
        foreign = execution.user is not None or execution.group is not None
        flight = Flight(run, number, token, keeper, job.retry, execution.grace, now, execution.timeout, foreign)
        flight.parents = parents
        return flight
