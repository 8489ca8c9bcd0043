"""Lines of a screen: text in pieces, each with its meaning, that fit a width to the column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut, printable

Span = tuple[str, Meaning]
Line = tuple[Span, ...]

EMPTY: Line = ()
_ASCII = str.maketrans("━─█▁▂▃▄▅▆▇…", "#-#_.-=+*%~")  # our own signs; those of others are escapes by then


def plain(text: str) -> Line:
    """A line of nothing special."""
    return ((text, Meaning.PLAIN),) if text else EMPTY


def shown(text: str, *, ascii_only: bool) -> str:
    """Text of unknown origin as it may stand on the screen: nothing in it moves the cursor."""
    safe = printable(text)
    return safe if safe.isascii() or not ascii_only else safe.encode("ascii", "backslashreplace").decode()


def bar(share: float, cells: int) -> str:
    """`━━━─────` for a share between 0 and 1; more than all is all."""
    done = round(cells * min(1.0, max(0.0, share)))
    return "━" * done + "─" * (cells - done)


def width_of(line: Iterable[Span]) -> int:
    """Columns that the line takes."""
    return sum(cell_width(text) for text, _ in line)


def fit(line: Line, width: int) -> Line:
    """The line cut or filled up to exactly this width."""
    room, found = width, []
    for text, meaning in line:
        wide = cell_width(text)
        if wide > room:
            text, wide = cut(text, room) if room > 0 else "", room
        if text:
            found.append((text, meaning))
            room -= cell_width(text)
    if room > 0:
        found.append((" " * room, Meaning.PLAIN))
    return tuple(found)


def chosen(line: Line, width: int) -> Line:
    """The line as the one that the keys act on."""
    return (("".join(text for text, _ in fit(line, width)), Meaning.CHOSEN),)


def beside(parts: Sequence[tuple[Sequence[Line], int]], height: int) -> list[Line]:
    """Blocks of lines next to each other, each as wide as said, cut and filled up to the height."""
    found = []
    for row in range(height):
        spans: list[Span] = []
        for lines, width in parts:
            spans += fit(lines[row] if row < len(lines) else EMPTY, width)
        found.append(tuple(spans))
    return found


def text_of(line: Line) -> str:
    """The letters alone."""
    return "".join(text for text, _ in line)


def in_ascii(line: Line) -> Line:
    """The same with signs that every terminal has."""
    return tuple((text.translate(_ASCII), meaning) for text, meaning in line)
