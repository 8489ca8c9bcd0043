"""The ends of outputs that a message has room for. Pure; widths are characters."""

from __future__ import annotations

import re
from collections.abc import Sequence

LINES = 20  # of one output
WIDEST = 500  # of a line
_FEWEST_LINES = 3  # of one output among many
_ALL_LINES = 100  # of all outputs of a message together
_ALL_CHARACTERS = 8_000  # of them: with all else a message about twenty jobs stays within what chats take
_DURATION = r"(?:\d+(?:\.\d+)?(?:ms|[smhd])(?=\d|\b))+"  # as `units` writes them: 0s, 9.8s, 12ms, 1m05s
_NUMBERS = re.compile(rf"{_DURATION}|\d+")


def excerpts(outputs: Sequence[Sequence[str]]) -> list[list[str]]:
    """The last lines of each: at most 20, and at most 100 lines and 8,000 characters of all together. What a short
    output leaves is shared by the longer ones. None gets fewer than three lines, cut where they are too long for its
    share; it takes more than 33 outputs to pass the 100 lines by that."""
    lines, characters = _ALL_LINES, _ALL_CHARACTERS
    shown: dict[int, list[str]] = {}
    shortest_first = sorted(range(len(outputs)), key=lambda number: sum(map(len, outputs[number])))
    for done, number in enumerate(shortest_first):
        left = len(outputs) - done
        most = min(LINES, max(_FEWEST_LINES, lines // left))
        shown[number] = _end(outputs[number], most, characters // left)
        lines -= len(shown[number])
        characters -= sum(map(len, shown[number]))
    return [shown[number] for number in range(len(outputs))]


def cut(line: str, width: int = WIDEST) -> str:
    """The line in so many characters, with a mark where something is missing."""
    return line if len(line) <= width else f"{line[: width - 1]}…"


def but_for_numbers(lines: Sequence[str]) -> tuple[str, ...]:
    """Equal for what differs only in times, durations, process ids, counts and the like."""
    return tuple(_NUMBERS.sub("0", line) for line in lines)


def _end(lines: Sequence[str], most: int, characters: int) -> list[str]:
    width = min(WIDEST, characters // _FEWEST_LINES)
    shown: list[str] = []
    for line in reversed(lines[-most:]):
        characters -= min(len(line), width)
        if characters < 0:
            break
        shown.insert(0, cut(line, width))
    return shown
