"""What a dead daemon left behind, put right before the first tick.

One question per unfinished attempt, asked of its keeper's record (`daemon/inquest.py`). Running it twice, or dying in
the middle of it, changes nothing: every conclusion is a conditional move, and the records of keepers go last.
"""

from __future__ import annotations

from jobctl.daemon.in_flight import Flight, flight_of
from jobctl.daemon.inquest import Inquest
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.job import RetryPolicy
from jobctl.domain.retry import policy_from
from jobctl.domain.run import Attempt, AttemptState
from jobctl.failpoint import hit
from jobctl.process.recovery_view import collect

_ATTEMPTS_PER_COMMIT = 200


class Recovery:
    """Fills `in_flight` with what still runs; everything else that was unfinished has ended or waits again."""

    def __init__(self, around: Surroundings, inquest: Inquest) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._inquest = inquest
        self._keepers_dir = around.places.keepers_dir
        self._journal = around.journal

    def recover(self, now: int) -> None:
        unfinished = self._store.attempts.unfinished()
        for first in range(0, len(unfinished), _ATTEMPTS_PER_COMMIT):
            hit("recovery.before_commit")
            with self._store.transaction():
                part = unfinished[first : first + _ATTEMPTS_PER_COMMIT]
                over = [flight for attempt in part if (flight := self._recover_one(attempt, now))]
            hit("recovery.committed")
            for flight in over:
                self._inquest.clear_up(flight)
        self._sweep()
        if unfinished:
            self._journal.info("recovered", unfinished=len(unfinished), still_running=len(self._in_flight))

    def _recover_one(self, attempt: Attempt, now: int) -> Flight | None:
        """The flight, if it is over; what still runs is in flight again."""
        run = self._store.runs.get(attempt.run_id)
        if run is None:
            return None
        definition = self._store.jobs.retry_policy_of(attempt.run_id, attempt.number)
        policy = policy_from(definition) if definition else RetryPolicy()
        flight = flight_of(attempt, run, policy, self._catalogue.grace(run.job), self._catalogue.timeout(run.job))
        flight.supervised = attempt.state is not AttemptState.UNSUPERVISED
        if self._inquest.hold(flight, now, daemon_died=True):
            return flight
        self._in_flight.add(flight)
        if flight.supervised:
            self._pool.adopt(flight.keeper, flight.token)
        return None

    def _sweep(self) -> None:
        """Remove the records of dead keepers whose attempts the store has concluded."""
        needed = {flight.keeper for flight in self._in_flight}
        hit("recovery.sweep")
        collect(self._keepers_dir, needed)
