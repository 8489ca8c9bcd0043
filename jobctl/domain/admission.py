"""Which of the waiting runs starts first, what is in the way of a new one, and how long all wait when the machine
refuses a start."""

from __future__ import annotations

from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text

AGING_MS = 600_000  # ten minutes of waiting outweigh one step of priority
_HOLD_FIRST_MS, _HOLD_LAST_MS = 1_000, 60_000


def rank(priority: int, due_at: int) -> int:
    """The place in the queue: smaller starts first, equal ranks by id.

    The higher priority first, then the older; whoever has waited long enough overtakes a higher priority. Every
    run ages at the same pace, so the number never changes while a run waits and an index can keep the order.
    """
    return due_at - priority * AGING_MS


def next_hold(last_ms: int) -> int:
    """Milliseconds without starts after the machine refused one, from those after the refusal before (0: it was none):
    1 s, doubled each time up to a minute."""
    return min(max(_HOLD_FIRST_MS, 2 * last_ms), _HOLD_LAST_MS)


def overlap_reason(active: Run) -> str:
    """Why a run is skipped that came while `active` of the same job was under way."""
    return f"overlap: run {to_text(active.id)} of this job was still {active.status.word}"
