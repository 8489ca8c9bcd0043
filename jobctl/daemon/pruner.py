"""Retention: ended runs that have been kept long enough go, with their logs.

Not a step of a tick: a slice of pruning is a commit of its own, made between two ticks when nothing is more urgent, so
that a million runs to prune delay no start by more than one slice. A loop that never rests prunes once a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.retention import Policy, policy_of
from jobctl.domain.settings import Configuration
from jobctl.domain.units import format_size
from jobctl.errors import JobctlError
from jobctl.process.old_logs import remove_logs
from jobctl.store.pruning import Pruning, Slice
from jobctl.store.records import Log

_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
_PATIENCE_MS = _SECOND_MS  # how long a slice waits for a loop that is busy
_REST_MS = 20  # after each slice, and as long again as it took if that was more: others want to write too
_AFTER_AN_ERROR_MS = _MINUTE_MS
_PART = 100  # an age is kept to its hundredth part, and pruning takes no more than a hundredth of the time


class Pruner:
    """Prunes in rounds: the number of runs and the size of their logs are looked at each minute, their ages each hour,
    both sooner where an age is short, and at once when the settings have changed.

    After a jump of the clock by more than a day, or as long without a daemon, it waits an hour: a clock that is wrong
    until the network puts it right must not cost the history.
    """

    def __init__(self, around: Surroundings, now: int) -> None:
        self._places = around.places
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._adopt(around.catalogue.configuration)
        self._due_at = now
        self._trusted_at = 0  # while it waits
        self._offset: int | None = None  # of the clock from the time since boot, while it waits
        self._busy_ms = 0  # what the round has taken so far
        self._runs = self._bytes = 0  # that the round has removed
        last_beat = around.store.service.last_beat()
        if last_beat is not None and now - last_beat > _DAY_MS:
            self._distrust(now)

    def next_at(self) -> int:
        """When the next slice may come."""
        is_current = self._catalogue.configuration is self._configuration
        return max(self._due_at if is_current else 0, self._trusted_at)

    def is_due(self, now: int, *, busy: bool) -> bool:
        """Whether a slice should come now; `busy`: the loop has just had something else to do."""
        at = self.next_at()
        if at - now > _HOUR_MS:  # the clock was set back
            self._due_at, self._trusted_at, at = now, 0, now
        return now >= at + (_PATIENCE_MS if busy else 0)

    @property
    def is_wary(self) -> bool:
        """Whether it waits for the clock to prove right: then `follow` is to be called."""
        return self._trusted_at > 0

    def follow(self, now: int, boottime: int) -> None:
        """The hour is one that passes, not one that the clock is set over."""
        offset = now - boottime
        if self._offset is not None and offset > self._offset:
            self._trusted_at += offset - self._offset
        self._offset = offset

    def prune(self, now: int) -> None:
        """One slice. What goes wrong is said and tried again in a minute."""
        if now - self.next_at() > _DAY_MS and self._is_current():
            self._distrust(now)
            return
        if not self._is_current():
            self._adopt(self._catalogue.configuration)
        self._due_at, self._trusted_at = now, 0
        try:
            self._account(self._slice(now), now)
        except JobctlError as problem:
            self._give_up(now)
            self._journal.error("nothing could be pruned, trying again", reason=problem.message)
        except Exception:
            self._give_up(now)
            self._journal.exception("pruning failed, trying again")

    def took(self, ms: int) -> None:
        """How long the slice took: the next one is made to fit, and comes after a rest."""
        self._busy_ms += ms
        if self._round is not None:
            self._round.took(ms)
            self._due_at += ms + max(_REST_MS, ms)

    def _is_current(self) -> bool:
        return self._catalogue.configuration is self._configuration

    def _adopt(self, configuration: Configuration) -> None:
        self._configuration = configuration
        own = {name: job.retention for name, job in configuration.jobs.items() if job.retention is not None}
        self._policy: Policy = policy_of(configuration.settings.retention, own)
        self._round: Pruning | None = None
        self._ages_at = 0  # when the next round that looks at ages may begin

    def _distrust(self, now: int) -> None:
        self._due_at = self._trusted_at = now + _HOUR_MS
        self._offset = None
        self._journal.info("nothing is pruned for an hour: more than a day has passed at once")

    def _slice(self, now: int) -> Slice | None:
        if self._round is None:
            by_age = not 0 < self._ages_at - now <= _HOUR_MS
            self._round = Pruning(self._store, self._remove, self._policy, now, by_age=by_age)
            self._ages_at = 0 if by_age else self._ages_at
        return self._round.next_slice()

    def _account(self, done: Slice | None, now: int) -> None:
        if done is not None:
            self._runs += len(done.gone)
            self._bytes += sum(run.log_bytes for run in done.gone)
            return
        if self._runs:
            self._journal.info("pruned", runs=self._runs, logs=format_size(self._bytes))
        fineness = 1000 * (self._policy.shortest_age() or 0) // _PART
        rest = max(round(fineness), _PART * self._busy_ms, _SECOND_MS)
        if self._ages_at == 0:
            self._ages_at = now + min(rest, _HOUR_MS)
        self._due_at = now + min(rest, _MINUTE_MS)
        self._round = None
        self._runs = self._bytes = self._busy_ms = 0

    def _give_up(self, now: int) -> None:
        self._round = None
        self._due_at = now + _AFTER_AN_ERROR_MS

    def _remove(self, logs: Sequence[Log]) -> None:
        for problem in remove_logs(self._places.log_file(*log) for log in logs):
            self._journal.warning("a log of a run that is gone cannot be deleted", reason=str(problem))
