"""When a daemon was last at work, as far as that is known once it is gone."""

from __future__ import annotations

from typing import NamedTuple

# A daemon beats once a minute; what it did after its last beat, it did sooner than this.
UNTIL_THE_NEXT_BEAT_MS = 120_000


class LastSeen(NamedTuple):
    """`at` is the last sign of its work (milliseconds). `stopped`: it ended then, as it was told to; otherwise nobody
    knows how long it lived after it, at most until a beat that it owed."""

    at: int
    stopped: bool = False


def last_sign(seen: LastSeen | None, started_at: int | None) -> LastSeen | None:
    """The same of a daemon that began at `started_at`: one that began later than it was seen was killed before it was
    at work."""
    if started_at is None or (seen is not None and seen.at >= started_at):
        return seen
    return LastSeen(started_at)
