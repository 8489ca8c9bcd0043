"""Runs that have ended start those that come after them, in the transaction that holds their end."""

from __future__ import annotations

from jobctl.daemon.step import NEVER, QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.failpoint import hit
from jobctl.store.succession import Started, follow_ends


class Successor(QuietStep):
    """Follows the ends that this tick brought, and those that recovery or other processes left. They stay in the store
    until they are followed, so it may be left out for a while (`Dispensable`)."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._news = around.news
        self._made = False
        self._has_more = True

    def tick(self, now: int) -> None:
        self.sleeps_until = 0 if self._catalogue.has_chains else NEVER
        if not (self._has_more or self._news.foreign or self._catalogue.has_chains):
            return
        started = follow_ends(self._store, now, scheduling=self._catalogue.starts_scheduled)
        for one in started:
            self._tell(one)
        self._has_more = self._store.chains.has_ends()
        if self._has_more:
            self.sleeps_until = 0
        if started:
            self._made = self._news.stops = True
            hit("daemon.before_follow_commit")

    def committed(self) -> None:
        if self._made:
            self._made = False
            hit("daemon.followed")

    def rolled_back(self) -> None:
        self._made, self._has_more = False, True

    def next_at(self) -> int | None:
        return 0 if self._has_more else None

    def _tell(self, started: Started) -> None:
        skipped = started.run.status is Status.SKIPPED
        tell = self._journal.warning if skipped else self._journal.info
        tell(
            "run skipped" if skipped else "run follows", job=started.run.job, run=to_text(started.run_id),
            after=started.end.job, parent=to_text(started.end.run_id), reason=started.run.reason,
        )  # fmt: skip
