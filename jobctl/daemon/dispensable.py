"""What the daemon can do without for a while: it must not keep runs from starting and ending."""

from __future__ import annotations

from jobctl.daemon.journal import Journal
from jobctl.daemon.step import Step
from jobctl.domain.units import format_duration
from jobctl.errors import JobctlError

_TRIES = 3
_REST_MS = 600_000


class Dispensable:
    """Another step, left out for ten minutes when three ticks in a row failed in it for a reason that nobody foresaw.

    Not for a step that has descriptors of its own: unheard they would wake the loop again and again.
    """

    def __init__(self, step: Step, journal: Journal) -> None:
        self._step = step
        self._journal = journal
        self._failures = 0
        self._rests_since: int | None = None

    def tick(self, now: int) -> None:
        if self._rests(now):
            return
        try:
            self._step.tick(now)
        except JobctlError:
            raise
        except Exception as problem:
            self._fails(problem, now)
            raise
        self._failures = 0

    def committed(self) -> None:
        self._step.committed()

    def rolled_back(self) -> None:
        self._step.rolled_back()

    def next_at(self) -> int | None:
        return self._step.next_at() if self._rests_since is None else self._rests_since + _REST_MS

    def _rests(self, now: int) -> bool:
        if self._rests_since is not None and not 0 <= now - self._rests_since < _REST_MS:
            self._rests_since, self._failures = None, _TRIES - 1
        return self._rests_since is not None

    def _fails(self, problem: Exception, now: int) -> None:
        self._failures += 1
        if self._failures >= _TRIES:
            self._rests_since = now
            self._journal.error(
                "a part of the daemon fails, going on without it", part=type(self._step).__name__.lower(),
                reason=repr(problem), retry_in=format_duration(_REST_MS / 1000),
            )  # fmt: skip
