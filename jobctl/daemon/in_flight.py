"""The attempts that are under way, and how many of each job and queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.policies import RetryPolicy
from jobctl.domain.run import Attempt, Run, RunEnd


@dataclass(slots=True)
class Flight:
    """One attempt between its claim and its conclusion. It keeps the policy of the definition it started with."""

    run: Run
    number: int
    token: bytes
    keeper: str
    policy: RetryPolicy
    grace: float
    started_at: int
    timeout: float | None  # seconds; its keeper sees to it, and the daemon once the keeper is gone
    foreign: bool = True  # it may run as another user, and then has a folder of its own
    tidy: bool = False  # it left no files beside its log
    conclusion: tuple[AttemptEnd, Conclusion] | None = None  # in the store with the commit, and told after it
    supervised: bool = True
    stop_sent: int | None = None  # the signal that was last sent, to its keeper or to its processes
    stop_sent_at: int = 0
    parents: Sequence[RunEnd] = ()  # what started the run, told to its command


class InFlight:
    """All flights by token. Counting is part of adding and removing, so limits can never be miscounted."""

    def __init__(self) -> None:
        self._flights: dict[bytes, Flight] = {}
        self._aside: dict[bytes, Flight] = {}
        self.unsupervised: dict[bytes, Flight] = {}  # those whose keeper is gone and whose processes live on
        self.of_job: Counter[str] = Counter()
        self.of_queue: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Iterator[Flight]:
        return iter(list(self._flights.values()))

    def get(self, token: bytes) -> Flight | None:
        return self._flights.get(token) or self._aside.get(token)

    def keepers(self) -> set[str]:
        """Whose records are needed."""
        return {flight.keeper for flight in (*self._flights.values(), *self._aside.values())}

    def of_keeper(self, keeper: str) -> Flight | None:
        """The flight that a keeper works on."""
        return next((flight for flight in self._flights.values() if flight.keeper == keeper), None)

    def add(self, flight: Flight) -> None:
        self._flights[flight.token] = flight
        if not flight.supervised:
            self.unsupervised[flight.token] = flight
        self.of_job[flight.run.job] += 1
        self.of_queue[flight.run.queue] += 1

    def remove(self, token: bytes) -> None:
        """Forget a flight; nothing happens when it is not known."""
        self._aside.pop(token, None)
        self.unsupervised.pop(token, None)
        flight = self._flights.pop(token, None)
        if flight is None:
            return
        for counter, key in ((self.of_job, flight.run.job), (self.of_queue, flight.run.queue)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]

    def set_aside(self, flight: Flight) -> None:
        """It has ended and cannot be concluded: it is known, and fills no place any more."""
        self.remove(flight.token)
        self._aside[flight.token] = flight

    def supervise(self, flight: Flight, *, supervised: bool) -> None:
        """Note whether a keeper looks after it."""
        flight.supervised = supervised
        if supervised:
            self.unsupervised.pop(flight.token, None)
        elif flight.token in self._flights:
            self.unsupervised[flight.token] = flight


def flight_of(attempt: Attempt, run: Run, policy: RetryPolicy, grace: float, timeout: float | None) -> Flight:
    """The flight of an attempt that another daemon began."""
    return Flight(run, attempt.number, attempt.token, attempt.keeper, policy, grace, attempt.started_at, timeout)
