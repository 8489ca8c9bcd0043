"""How often a message is tried that its channel does not take."""

from __future__ import annotations

_DELAYS_S = (10, 60, 300, 900, 1800, 3600, 7200)


def next_try(tries: int, now: int) -> int | None:
    """When to try again after `tries` failed tries (1 or more), in milliseconds; None: it is given up, after about
    four hours."""
    return now + 1000 * _DELAYS_S[tries - 1] if tries <= len(_DELAYS_S) else None
