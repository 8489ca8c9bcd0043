"""When each job starts next, as the scheduler has it in memory."""

from __future__ import annotations

import heapq


class StartPlan:
    """The next start of each job in whole seconds since the epoch, the soonest at hand."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []  # entries of what was replaced are skipped
        self._starts: dict[str, int | None] = {}

    def put(self, name: str, start: int | None) -> None:
        """The job starts then and not at its start from before; None: nothing is planned for it."""
        self._starts[name] = start
        if start is not None:
            heapq.heappush(self._heap, (start, name))

    @property
    def first(self) -> int | None:
        """When the next job may be due."""
        return self._heap[0][0] if self._heap else None

    def take_due(self, now: int) -> str | None:
        """A job whose start has come, taken out; None: nothing is due at `now`."""
        while self._heap and self._heap[0][0] <= now:
            start, name = heapq.heappop(self._heap)
            if self._starts.get(name) == start:
                return name
        return None

    def due_together(self, most: int) -> int:
        """How many jobs start at the first instant, counted up to `most`: a walk over the top of the heap."""
        found, looked_at = 0, [0] if self._heap else []
        for place in looked_at:  # grows while it is walked
            if found >= most:
                break
            start, name = self._heap[place]
            if start == self._heap[0][0]:
                found += self._starts.get(name) == start
                looked_at += [child for child in (2 * place + 1, 2 * place + 2) if child < len(self._heap)]
        return found
