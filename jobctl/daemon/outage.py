"""The time in which nothing can be stored, as the journal tells it: at once, then now and then, and when it is over."""

from __future__ import annotations

from jobctl.daemon.journal import Journal
from jobctl.domain.units import format_duration
from jobctl.errors import JobctlError

_AGAIN_EVERY_MS = 60_000  # the journal may lie on the very disk that is full


class Outage:
    """The loop tries every second. What keeps it from storing is said when it is new, and once a minute after that."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._since: int | None = None
        self._said_at = 0
        self._reason = ""

    def failed(self, problem: JobctlError, now: int) -> None:
        """Nothing could be stored at `now`."""
        if self._since is None:
            self._since, self._reason = now, ""
        if problem.message != self._reason or not 0 <= now - self._said_at < _AGAIN_EVERY_MS:
            self._said_at, self._reason = now, problem.message
            lasts = format_duration(max(0, now - self._since) // 1000) if now > self._since else None
            self._journal.error("nothing could be stored, trying again", reason=problem.message, lasts=lasts)

    def over(self, now: int) -> None:
        """Something was stored; nothing happens when that was so before."""
        if self._since is not None:
            lasted = format_duration(max(0, now - self._since) // 1000)
            self._journal.noticed("what happens can be stored again", lasted=lasted)
            self._since = None
