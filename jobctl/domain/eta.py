"""When something that runs will be over."""

from __future__ import annotations

_TELLS_SOMETHING = 1.0  # percent; less says more of the beginning than of the pace


def remaining_seconds(elapsed: float, usual: float | None, percent: float | None) -> float | None:
    """How long an attempt that has run for `elapsed` seconds will still take; None: nobody knows.

    What the job says of itself (`percent`) goes before what it usually takes. Negative: by so much it is over its
    usual time.
    """
    if percent is not None and percent >= _TELLS_SOMETHING:
        return elapsed * (100 - min(percent, 100.0)) / percent
    return None if usual is None else usual - elapsed
