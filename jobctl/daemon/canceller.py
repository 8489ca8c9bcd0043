"""Requests to stop running attempts reach their keepers."""

from __future__ import annotations

from signal import SIGKILL, SIGTERM

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.step import NEVER
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run_id import to_text
from jobctl.process.recovery_view import stop_unsupervised

_AGAIN_MS = 1_000  # after what could not be sent, and for those that have to be killed here


class Canceller:
    """Sends each request once per signal; a new daemon sends all of them again, which does no harm."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._keepers_dir = around.places.keepers_dir
        self._journal = around.journal
        self._news = around.news
        self._ready: list[tuple[Flight, int]] = []
        self._deaf: set[bytes] = set()  # attempts whose keeper lives and cannot be told
        self._failed = False  # to stop something: the requests are to be asked for again
        self._now = 0

    @property
    def sleeps_until(self) -> int:
        wanted = self._news.stops or self._failed or self._deaf or self._in_flight.unsupervised
        return 0 if wanted else NEVER

    def tick(self, now: int) -> None:
        self._now = now
        left_to_us = self._left_to_us()
        self._see_to_unsupervised(left_to_us, now)
        if not (self._news.foreign or self._news.stops or left_to_us or self._failed):
            return
        self._failed = self._news.stops = False
        requests = self._store.runs.cancel_requests()
        if not requests:
            return
        wanted = {(request.run_id, request.attempt): request.signal for request in requests}
        for flight in self._in_flight:
            signal = wanted.get((flight.run.id, flight.number))
            if signal is not None and flight.stop_sent not in (signal, SIGKILL):
                self._ready.append((flight, signal))

    def _see_to_unsupervised(self, flights: list[Flight], now: int) -> None:
        """What a keeper would do for them: stop them at their timeout, and kill them after their grace. SIGKILL is
        repeated: processes may be made faster than they are found."""
        for flight in flights:
            if flight.stop_sent is None:
                if flight.timeout is not None and now - flight.started_at > flight.timeout * 1000:
                    self._ready.append((flight, SIGTERM))
            elif now - flight.stop_sent_at > flight.grace * 1000:
                self._ready.append((flight, SIGKILL))

    def _left_to_us(self) -> list[Flight]:
        deaf = [flight for token in self._deaf if (flight := self._in_flight.get(token)) and flight.supervised]
        self._deaf = {flight.token for flight in deaf}
        return [*self._in_flight.unsupervised.values(), *deaf]

    def committed(self) -> None:
        ready, self._ready = self._ready, []
        for flight, signal in ready:
            try:
                self._stop(flight, signal)
            except OSError as problem:  # no descriptor for a look at it, say: the next tick tries again
                self._journal.error("cannot stop", run=to_text(flight.run.id), reason=problem)
                self._failed = True
                continue
            flight.stop_sent, flight.stop_sent_at = signal, self._now

    def rolled_back(self) -> None:
        self._ready = []

    def next_at(self) -> int | None:
        if self._news.stops:
            return 0
        return self._now + _AGAIN_MS if self._failed or self._deaf else None

    def _stop(self, flight: Flight, signal: int) -> None:
        if signal != flight.stop_sent:  # once: what cannot be seen to end is killed again and again
            self._journal.info("stopping", job=flight.run.job, run=to_text(flight.run.id), signal=signal)
        if flight.supervised and self._pool.stop(flight.keeper, signal, flight.grace):
            return
        if flight.supervised:
            self._deaf.add(flight.token)
        stop_unsupervised(self._keepers_dir, flight.keeper, flight.token, to_text(flight.run.id), flight.number, signal)
