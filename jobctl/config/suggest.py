"""`did you mean "…"?`"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question naming the nearest known word, or nothing when none is near."""
    choices = list(known)
    exact = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), exact, n=1, cutoff=0.6)
    return f'did you mean "{exact[near[0]]}"?' if near else ""
