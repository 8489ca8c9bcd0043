"""What a dead daemon left behind, put right before the first tick.

One question per unfinished attempt, asked of its keeper's record (`daemon/inquest.py`). Running it twice, or dying in
the middle of it, changes nothing: every conclusion is a conditional move, and the records of keepers go last.
"""

from __future__ import annotations

from jobctl.daemon.in_flight import Flight, flight_of
from jobctl.daemon.inquest import Inquest
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.policies import RetryPolicy
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
            part = unfinished[first : first + _ATTEMPTS_PER_COMMIT]
            for flight, is_over in self._judge(part, now):
                if is_over:
                    self._inquest.clear_up(flight)
                else:
                    self._take_over(flight, now)
        self._sweep()
        if unfinished:
            self._journal.info("recovered", unfinished=len(unfinished), still_running=len(self._in_flight))

    def _judge(self, part: list[Attempt], now: int) -> list[tuple[Flight, bool]]:
        """The flights of these attempts, and whether they are over, committed. One that the store refuses to end for
        a reason of its own, or whose record cannot be read, does not keep the daemon from starting."""
        while True:
            blamed = self._inquest.blamed()
            hit("recovery.before_commit")
            try:
                with self._store.transaction():
                    judged = [(flight, self._is_over(flight, now)) for flight in map(self._flight, part) if flight]
            except Exception:
                if self._inquest.blamed() == blamed:
                    raise
                self._journal.exception("recovery failed, trying again")
                continue
            self._inquest.committed()
            hit("recovery.committed")
            return judged

    def _is_over(self, flight: Flight, now: int) -> bool:
        if self._inquest.settles_later(flight, now):
            return False
        return self._inquest.hold(flight, now, daemon_died=True)

    def adopt(self, attempt: Attempt) -> None:
        """Look after an attempt that somebody else has begun while this daemon lives."""
        flight = self._flight(attempt)
        if flight is not None:
            self._in_flight.add(flight)
            self._pool.adopt(flight.keeper, flight.token)

    def _take_over(self, flight: Flight, now: int) -> None:
        self._in_flight.add(flight)
        if not self._inquest.is_aside(flight, now) and flight.supervised:
            self._pool.adopt(flight.keeper, flight.token)

    def _flight(self, attempt: Attempt) -> Flight | None:
        """The attempt with all that is known of it; None when there is no such run."""
        run = self._store.runs.get(attempt.run_id)
        if run is None:
            return None
        definition = self._store.jobs.retry_policy_of(attempt.run_id, attempt.number)
        policy = policy_from(definition) if definition else RetryPolicy()
        flight = flight_of(attempt, run, policy, self._catalogue.grace(run.job), self._catalogue.timeout(run.job))
        flight.supervised = attempt.state is not AttemptState.UNSUPERVISED
        return flight

    def _sweep(self) -> None:
        """Remove the records of dead keepers whose attempts the store has concluded."""
        needed = self._in_flight.keepers()
        hit("recovery.sweep")
        collect(self._keepers_dir, needed, self._pool.control_group)
