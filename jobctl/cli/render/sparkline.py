"""Numbers as a row of bars, one character each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-=+*%#"  # for terminals without these signs


def sparkline(values: Sequence[float | None], width: int | None = None, *, plain: bool = False) -> str:
    """A bar for each value, the highest for the greatest; a space for None. More values than `width` share bars,
    each as high as its greatest value."""
    bars = _PLAIN_BARS if plain else _BARS
    drawn = _shared(values, width) if width is not None and len(values) > width else list(values)
    top = max((value for value in drawn if value is not None), default=0) or 1
    return "".join(" " if value is None else bars[min(len(bars) - 1, int(len(bars) * value / top))] for value in drawn)


def _shared(values: Sequence[float | None], width: int) -> list[float | None]:
    edges = [round(place * len(values) / width) for place in range(width + 1)]
    return [_greatest(values[low:high]) for low, high in pairwise(edges)]


def _greatest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
