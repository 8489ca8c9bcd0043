"""Text on a screen: how wide it is, where it is cut, and what of it must not reach a terminal."""

from __future__ import annotations

from collections.abc import Sequence

_ELLIPSIS = "…"


def printable(text: str) -> str:
    """The text with line breaks and tabs as spaces and every other control character as its escape."""
    if text.isascii() and text.isprintable():
        return text
    from jobctl.process.terminal_text import neutralise  # its tables, for other than ASCII only

    return neutralise(text.encode("utf-8", "backslashreplace")).replace("\n", " ").replace("\t", " ")


def visible(cells: Sequence[str]) -> tuple[Sequence[str], bool]:
    """Cells that are safe to show, the same object when all of them are already, and whether they are all ASCII."""
    together = "".join(cells)
    if together.isascii() and together.isprintable():
        return cells, True
    shown = [printable(cell) for cell in cells]
    return shown, all(map(str.isascii, shown))


def cell_width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # 1 MB of tables, for other than ASCII only

    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def padding(text: str, wide: int) -> str:
    """The spaces that fill the text up."""
    return " " * (wide - cell_width(text))


def wrapped(text: str, wide: int) -> list[str]:
    """The text in lines of at most `wide` columns, broken at spaces; what has none is left to the terminal."""
    return _filled(text.split(" "), wide)


def wrapped_list(text: str, wide: int) -> list[str]:
    """What is listed with commas in such lines: broken between two items, within one only where it is wider."""
    *items, last = text.split(", ")
    lines = _filled([*(f"{item}," for item in items), last], wide)
    return [part for line in lines for part in wrapped(line, wide)]


def _filled(words: Sequence[str], wide: int) -> list[str]:
    lines = [""]
    for word in words:
        line = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_width(line) > wide:
            lines.append(word)
        else:
            lines[-1] = line
    return lines


def cut(text: str, wide: int) -> str:
    """At most `wide` columns of the text, the cut marked."""
    if cell_width(text) <= wide:
        return text
    kept = text[: wide - 1]
    while kept and cell_width(kept) > wide - 1:
        kept = kept[:-1]
    return kept + _ELLIPSIS
