"""The room on the disk that is kept for the records of what already runs."""

from __future__ import annotations

import os
from pathlib import Path

from jobctl.daemon.journal import Journal
from jobctl.domain.settings import DISK_RESERVE_BYTES
from jobctl.domain.units import format_size

_LOOK_EVERY_MS = 1_000


class DiskReserve:
    """Says whether anything may start, and tells the journal when the answer changes. A disk fills up in less than a
    second, so that it is looked at before each start; that it has room again is seen within a second."""

    def __init__(self, folder: Path, journal: Journal, reserve_bytes: int = DISK_RESERVE_BYTES) -> None:
        self._folder = folder
        self._journal = journal
        self._reserve = reserve_bytes
        self._looked_at = -_LOOK_EVERY_MS
        self._enough = True
        self._short_free = 0  # when it last had less than the reserve
        self._is_untold = False

    @property
    def is_short(self) -> bool:
        """Whether there was less than the reserve at the last look."""
        return not self._enough

    @property
    def shortage(self) -> str:
        """What was so at that look, in words for later."""
        return f"the disk had less than {format_size(self._reserve)} free"

    @property
    def trouble(self) -> str | None:
        """What is wrong, for somebody who is to make room; also what was, until `told`: on a full disk nothing is."""
        if self._enough and not self._is_untold:
            return None
        free, least = format_size(self._short_free), format_size(self._reserve)
        return f"{free} free on the disk of {self._folder}: nothing starts below {least}"

    def told(self) -> None:
        """What `trouble` says is stored."""
        self._is_untold = False

    def allows_starts(self, now: int) -> bool:
        if self._enough or not 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            self._looked_at = now
            self._look()
        return self._enough

    def _look(self) -> None:
        stat = os.statvfs(self._folder)
        free = stat.f_bavail * stat.f_frsize
        enough = free >= self._reserve
        if not enough:
            self._short_free = free
        if enough and not self._enough:
            self._journal.noticed("disk has room again: starting runs", free=format_size(free))
        elif self._enough and not enough:
            self._journal.error(
                "disk nearly full: starting nothing", folder=self._folder, free=format_size(free),
                needed=format_size(self._reserve),
            )  # fmt: skip
            self._is_untold = True
        self._enough = enough
