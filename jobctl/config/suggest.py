"""`did you mean "…"?`"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question naming the nearest known word, or nothing when none is near."""
    return _question(word, tuple(known))


@lru_cache(maxsize=256)  # the same slip often stands in every job of a generated file
def _question(word: str, known: tuple[str, ...]) -> str:
    exact = {choice.lower(): choice for choice in known}
    near = difflib.get_close_matches(word.lower(), exact, n=1, cutoff=0.6)
    return f'did you mean "{exact[near[0]]}"?' if near else ""
