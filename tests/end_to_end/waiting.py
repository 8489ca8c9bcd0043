"""Waiting for a condition, never for a time."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.02


def until(condition: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first true answer of `condition`. AssertionError says `what` did not come about within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        select.select((), (), (), _LOOK_EVERY)
    return answer
