"""Which of the waiting runs starts first."""

from __future__ import annotations

AGING_MS = 600_000  # ten minutes of waiting outweigh one step of priority


def rank(priority: int, due_at: int) -> int:
    """The place in the queue: smaller starts first, equal ranks by id.

    The higher priority first, then the older; whoever has waited long enough overtakes a higher priority. Every
    run ages at the same pace, so the number never changes while a run waits and an index can keep the order.
    """
    return due_at - priority * AGING_MS
