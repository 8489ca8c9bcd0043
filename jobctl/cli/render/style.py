"""Colour by meaning, in one place."""

from __future__ import annotations

import enum


class Meaning(enum.StrEnum):
    """What a colour says; the value is the SGR code (ECMA-48)."""

    GOOD = "32"
    BAD = "31"
    DOUBTFUL = "33"
    BUSY = "36"
    STRONG = "1"
    FAINT = "2"
    CHOSEN = "7"
    PLAIN = ""


def coloured(text: str, meaning: Meaning) -> str:
    """The text in the colour of its meaning."""
    return f"\x1b[{meaning}m{text}\x1b[0m" if meaning and text else text
