"""For how long the machine has refused to start anything."""

from __future__ import annotations

_FORGOTTEN_AFTER_MS = 90_000  # refusals are at most a minute apart while anything waits


class StartRefusals:
    """Told by those who try, asked by those who tell people."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._last_at = 0
        self.reason = ""

    def refused(self, now: int, reason: str) -> None:
        """Nothing could be started at `now`."""
        if self.since(now) is None:
            self._since = now
        self._last_at, self.reason = now, reason

    def started(self, at: int) -> None:
        """Something was started: what was refused before is over."""
        if self._since is not None and at >= self._since:
            self._since = None

    def since(self, now: int) -> int | None:
        """Since when nothing starts; None: it does, or nobody has tried for a while."""
        return None if now - self._last_at > _FORGOTTEN_AFTER_MS else self._since
