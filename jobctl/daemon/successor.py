"""Runs that have ended start those that come after them, in the transaction that holds their end."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.errors import JobctlError
from jobctl.failpoint import hit
from jobctl.store.succession import Started, follow_ends

_TRIES = 3
_REST_MS = 600_000


class Successor(QuietStep):
    """Follows the ends that this tick brought, and those that recovery or other processes left.

    What nobody foresaw must not undo every tick for ever: after three failures in a row the ends stay where they are
    for ten minutes.
    """

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._made = False
        self._failures = 0
        self._rests_since: int | None = None

    def tick(self, now: int) -> None:
        if self._rests(now):
            return
        try:
            started = follow_ends(self._store, now, scheduling=self._catalogue.starts_scheduled)
        except JobctlError:
            raise
        except Exception as problem:
            self._fails(problem, now)
            raise
        self._failures = 0
        for one in started:
            self._tell(one)
        if started:
            self._made = True
            hit("daemon.before_follow_commit")

    def committed(self) -> None:
        if self._made:
            self._made = False
            hit("daemon.followed")

    def rolled_back(self) -> None:
        self._made = False

    def next_at(self) -> int | None:
        if not self._store.chains.has_ends():
            return None
        return 0 if self._rests_since is None else self._rests_since + _REST_MS

    def _rests(self, now: int) -> bool:
        if self._rests_since is not None and not 0 <= now - self._rests_since < _REST_MS:
            self._rests_since, self._failures = None, _TRIES - 1
        return self._rests_since is not None

    def _fails(self, problem: Exception, now: int) -> None:
        self._failures += 1
        if self._failures >= _TRIES:
            self._rests_since = now
            retry_in = format_duration(_REST_MS / 1000)
            self._journal.error(
                "what comes after ended runs cannot be started", reason=repr(problem), retry_in=retry_in
            )

    def _tell(self, started: Started) -> None:
        skipped = started.run.status is Status.SKIPPED
        tell = self._journal.warning if skipped else self._journal.info
        tell(
            "run skipped" if skipped else "run follows", job=started.run.job, run=to_text(started.run_id),
            after=started.end.job, parent=to_text(started.end.run_id), reason=started.run.reason,
        )  # fmt: skip
