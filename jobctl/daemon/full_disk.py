"""When jobs could not write: what they said then is lost, and nothing but the daemon's memory tells of it later."""

from __future__ import annotations

from pathlib import Path

from jobctl.domain.outcome import AttemptEnd
from jobctl.process.host import is_full


class FullDisk:
    """Looked at in each tick, before the ends that came with it. It remembers the last time that the disk was full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._had_room_at = 0
        self._since = 0  # the disk filled up after this instant
        self._full_at: int | None = None  # when it was last seen full
        self._is_full = False

    def look(self, now: int) -> None:
        if not is_full(self._folder):
            self._is_full, self._had_room_at = False, now
            return
        if not self._is_full:
            self._is_full, self._since = True, self._had_room_at
        self._full_at = now

    def was_met_by(self, end: AttemptEnd) -> bool:
        """Whether the attempt ran while the disk was full, or may have: between two looks nobody knows."""
        if self._full_at is None or end.started_at is None:
            return False
        return end.started_at <= self._full_at and end.finished_at >= self._since
