"""Moves the write-ahead log into the database, a while after something was written, or when much was."""

from __future__ import annotations

from jobctl.daemon.afterwards import Afterwards
from jobctl.daemon.surroundings import Surroundings
from jobctl.errors import JobctlError

# A log that stays short is written over in place; one that grows needs the file system's journal with each sync, which
# costs each commit half as much again.
_EVERY_COMMITS = 100


class Checkpointer(Afterwards):
    """The only one beside the pruner that does."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._store = around.store
        self._journal = around.journal

    def tick(self, now: int) -> None:
        super().tick(now)
        self.sleeps_until = 0  # the commits are counted in every tick
        if self._store.commits_in_log() >= _EVERY_COMMITS:
            self._is_due = True

    def act(self) -> None:
        try:
            self._store.checkpoint()
        except JobctlError as problem:  # a full disk: the log keeps everything until there is room
            self._journal.warning("the log cannot be moved into the database now", reason=problem.message)
