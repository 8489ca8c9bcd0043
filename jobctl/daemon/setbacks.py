"""Ends of attempts that the store refuses for a reason that nobody foresaw: one of them must not undo every tick for
ever, nor keep a daemon from starting.

A full disk, a damaged database and a want of descriptors are no setbacks: they hold up everything, and the tick is
repeated until they pass. A keeper's record that the disk does not give back is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.journal import Journal
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.errors import JobctlError
from jobctl.process.execute import SCARCITY

_TRIES = 3
_REST_MS = 600_000


class Setbacks:
    """After three failures an attempt is set aside: it is shown as running, and its end tried again ten minutes later
    and by the next daemon. What is known of it stays in its keeper's record meanwhile."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._failures: Counter[bytes] = Counter()
        self._reasons: dict[bytes, str] = {}
        self._try_again_at: dict[bytes, int] = {}

    @contextmanager
    def blaming(self, flight: Flight) -> Iterator[None]:
        """What goes wrong inside is put down to this flight."""
        try:
            yield
        except JobctlError:
            raise
        except Exception as problem:
            if isinstance(problem, OSError) and problem.errno in SCARCITY:
                raise
            self._failures[flight.token] += 1
            self._reasons[flight.token] = repr(problem)
            self._try_again_at.pop(flight.token, None)
            raise

    def total(self) -> int:
        """How often something was put down to a flight so far."""
        return self._failures.total()

    def is_aside(self, flight: Flight, now: int) -> bool:
        """Whether the end of this flight is to be left alone now."""
        if self._failures.get(flight.token, 0) < _TRIES:
            return False
        at = self._try_again_at.get(flight.token)
        if at is None or at - now > _REST_MS:  # the clock may have been set back
            at = self._try_again_at[flight.token] = now + _REST_MS
            self._journal.error(
                "the end of an attempt cannot be stored, set aside",
                job=flight.run.job, run=to_text(flight.run.id), attempt=flight.number,
                reason=self._reasons[flight.token], retry_in=format_duration(_REST_MS / 1000),
            )  # fmt: skip
        return now < at

    def forget(self, flight: Flight) -> None:
        """Its end is stored."""
        for memory in (self._failures, self._reasons, self._try_again_at):
            memory.pop(flight.token, None)
