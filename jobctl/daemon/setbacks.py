"""What goes wrong for a reason that nobody foresaw and concerns one thing alone: the claim of a run, the end of
an attempt, a job's schedule, a step of the tick. It must not undo every tick for ever, nor keep a daemon from starting.

A full disk, a damaged database and a want of descriptors are no setbacks: they hold up everything, and the tick is
repeated until they pass. A keeper's record that the disk does not give back is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from jobctl.daemon.journal import Journal
from jobctl.domain.units import format_duration
from jobctl.errors import JobctlError
from jobctl.process.execute import SCARCITY

_REST_MS = 600_000


Concern = TypeVar("Concern", bytes, int, str)


class Setbacks(Generic[Concern]):
    """Failures by what they concern. After `tries` of them that is set aside: left alone for ten minutes, then tried
    once more. `sentence` is what the journal says of it."""

    def __init__(self, journal: Journal, sentence: str, *, tries: int = 3) -> None:
        self._journal = journal
        self._sentence = sentence
        self._tries = tries
        self._failures: Counter[Concern] = Counter()
        self._reasons: dict[Concern, str] = {}
        self.blamed = 0  # how often anything was put down to any concern; never less again
        self._try_again_at: dict[Concern, int] = {}

    @contextmanager
    def blaming(self, concern: Concern) -> Iterator[None]:
        """What goes wrong inside is put down to this concern, and goes on to undo the tick."""
        try:
            yield
        except Exception as problem:
            self.blame(concern, problem)
            raise

    def blame(self, concern: Concern, problem: Exception) -> None:
        """Put down to this concern what went wrong, where it can have been its own fault."""
        if isinstance(problem, JobctlError) or (isinstance(problem, OSError) and problem.errno in SCARCITY):
            return
        self._failures[concern] += 1
        self.blamed += 1
        self._reasons[concern] = repr(problem)
        self._try_again_at.pop(concern, None)

    @contextmanager
    def alone(self, concern: Concern) -> Iterator[None]:
        """As `blaming`, and it goes no further: for what has changed nothing, or whose changes are undone already."""
        blamed = self.blamed
        try:
            with self.blaming(concern):
                yield
        except Exception:
            if self.blamed == blamed:
                raise

    def total(self) -> int:
        """How many failures are known of concerns that have not gone well since."""
        return self._failures.total()

    def is_aside(self, concern: Concern, now: int, **about: object) -> bool:
        """Whether it is to be left alone now; `about` tells the journal what it is."""
        if self._failures.get(concern, 0) < self._tries:
            return False
        at = self._try_again_at.get(concern)
        if at is None or at - now > _REST_MS:  # the clock may have been set back
            at = self._try_again_at[concern] = now + _REST_MS
            reason, rest = self._reasons[concern], format_duration(_REST_MS / 1000)
            self._journal.error(self._sentence, **about, reason=reason, retry_in=rest)
        return now < at

    def rests_until(self, concern: Concern) -> int | None:
        """When something that was set aside is tried again; None: it was not."""
        return self._try_again_at.get(concern)

    def next_at(self) -> int | None:
        """When the first of those is tried again."""
        return min(self._try_again_at.values(), default=None)

    def next_after(self, now: int) -> int | None:
        """When the first of those is tried again that still rest at `now`."""
        return min((at for at in self._try_again_at.values() if at > now), default=None)

    def known(self) -> list[Concern]:
        """Everything that something is put down to, set aside or not."""
        return list(self._failures)

    def aside(self) -> dict[Concern, str]:
        """What has been set aside, and why."""
        return {concern: self._reasons[concern] for concern in self._try_again_at}

    def forget(self, concern: Concern) -> None:
        """It went well."""
        if self._failures.pop(concern, None) is not None:
            del self._reasons[concern]
            self._try_again_at.pop(concern, None)

    def forget_all(self) -> None:
        """Everything is another now."""
        for concern in list(self._failures):
            self.forget(concern)
