"""One round of pruning, in slices so short that nobody waits for them.

The rows of a run and the note that its logs must go are one commit. The files go after it, and the note with the next
slice: a process that dies anywhere in between leaves nothing but notes, which the next round begins with. What goes has
been counted before: the statistics outlive the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jobctl.domain.retention import EVERYTHING, Policy, Scope
from jobctl.failpoint import hit
from jobctl.store.interface import Store
from jobctl.store.records import Log
from jobctl.store.retention import PastRun, overdue

_SHORT_MS, _LONG_MS = 10, 20  # a slice of less may take more runs the next time, one of more fewer
_FEWEST, _MOST = 25, 500  # runs of a slice
_FIRST = 100
_RUNS_PER_CHECKPOINT = 1_000
_ENDS = 200  # that are added to the tallies at once


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice has done; nothing, if it only looked."""

    gone: Sequence[PastRun] = ()


class Pruning:
    """Removes what is overdue at `now`. `remove` deletes the files of logs, whether or not they are there.

    Without `by_age` only the bounds on the number of runs and on their logs are looked at, which costs next to nothing
    while they hold.
    """

    def __init__(
        self,
        store: Store,
        remove: Callable[[Sequence[Log]], None],
        policy: Policy,
        now: int,
        scope: Scope = EVERYTHING,
        *,
        by_age: bool = True,
    ) -> None:
        self._store = store
        self._remove = remove
        self._now = now
        self._walk: Iterator[list[PastRun]] = overdue(store.retention, policy, now, scope, by_age=by_age)
        self._found: list[PastRun] = []
        self._size = _FIRST
        self._since_checkpoint = 0
        self._was_full = False
        self._is_told = False  # whether the tallies know of all that may go

    def next_slice(self) -> Slice | None:
        """Look at a page of the history, remove some of what was found in it, or tidy up. None: the round is over."""
        self._was_full = False
        if self._since_checkpoint >= _RUNS_PER_CHECKPOINT:
            return self._checkpoint()
        if self._found and not self._is_told:
            self._is_told = self._store.statistics.fold(_ENDS) < _ENDS
            return Slice()
        litter = self._store.retention.litter(_MOST)
        if litter or self._found:
            return self._remove_some(litter)
        page = next(self._walk, None)
        if page is None:
            return self._checkpoint() if self._since_checkpoint else None
        self._found = page
        return Slice()

    def took(self, ms: int) -> None:
        """How long the last slice took: the next ones are made to fit."""
        if not self._was_full:
            return
        if ms > _LONG_MS:
            self._size = max(_FEWEST, self._size // 2)
        elif ms < _SHORT_MS:
            self._size = min(_MOST, self._size * 2)

    def _remove_some(self, litter: Sequence[Log]) -> Slice:
        self._remove(litter)
        hit("prune.files_removed")
        chosen, self._found = self._found[: self._size], self._found[self._size :]
        self._was_full = len(chosen) == self._size
        with self._store.transaction():
            self._store.retention.cleared(litter)
            removed = self._store.retention.forget([run.id for run in chosen], self._now)
        hit("prune.rows_removed")
        self._since_checkpoint += len(removed)
        return Slice([run for run in chosen if run.id in removed])

    def _checkpoint(self) -> Slice:
        """Else the log of the database grows with the history that goes, and moving it takes long all at once."""
        self._store.retention.checkpoint()
        self._since_checkpoint = 0
        return Slice()
