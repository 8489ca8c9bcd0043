"""Requests to stop running attempts reach their keepers."""

from __future__ import annotations

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run_id import to_text
from jobctl.process.recovery_view import stop_unsupervised


class Canceller(QuietStep):
    """Sends each request once per signal; a new daemon sends all of them again, which does no harm."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._keepers_dir = around.places.keepers_dir
        self._journal = around.journal
        self._ready: list[tuple[Flight, int]] = []

    def tick(self, now: int) -> None:
        requests = self._store.runs.cancel_requests()
        if not requests:
            return
        wanted = {(request.run_id, request.attempt): request.signal for request in requests}
        for flight in self._in_flight:
            signal = wanted.get((flight.run.id, flight.number))
            if signal is not None and flight.stop_sent != signal:
                self._ready.append((flight, signal))

    def committed(self) -> None:
        for flight, signal in self._ready:
            flight.stop_sent = signal
            self._stop(flight, signal)
        self._ready = []

    def rolled_back(self) -> None:
        self._ready = []

    def _stop(self, flight: Flight, signal: int) -> None:
        self._journal.info("stopping", job=flight.run.job, run=to_text(flight.run.id), signal=signal)
        if flight.supervised:
            self._pool.stop(flight.keeper, signal, flight.grace)
        else:
            stop_unsupervised(
                self._keepers_dir, flight.keeper, flight.token, to_text(flight.run.id), flight.number, signal
            )
