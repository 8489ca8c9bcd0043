"""How often one who waits looks again."""

from __future__ import annotations

import select


class Pace:
    """Rests between two looks: short ones first, for runs of a moment, then longer ones."""

    _FIRST, _LAST = 0.02, 0.2

    def __init__(self, descriptor: int | None = None) -> None:
        """A rest ends early when `descriptor` becomes readable."""
        self._descriptors = [] if descriptor is None else [descriptor]
        self._seconds = self._FIRST

    def rest(self) -> None:
        select.select(self._descriptors, [], [], self._seconds)
        self._seconds = min(self._seconds * 1.3, self._LAST)
