"""Moves the write-ahead log into the database, a while after something was written."""

from __future__ import annotations

from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.errors import JobctlError

_EVERY_MS = 10_000


class Checkpointer(QuietStep):
    """Runs after a commit, ten seconds after the first tick since it last ran; an idle daemon stays asleep."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._journal = around.journal
        self._due_at: int | None = None
        self._is_due = False

    def tick(self, now: int) -> None:
        if self._due_at is None:
            self._due_at = now + _EVERY_MS
        elif now >= self._due_at or self._due_at - now > _EVERY_MS:  # the clock may have been set back
            self._is_due = True

    def committed(self) -> None:
        if self._is_due:
            self._due_at, self._is_due = None, False
            try:
                self._store.checkpoint()
            except JobctlError as problem:  # a full disk: the log keeps everything until there is room
                self._journal.warning("the log cannot be moved into the database now", reason=problem.message)

    def rolled_back(self) -> None:
        self._is_due = False

    def next_at(self) -> int | None:
        return self._due_at
