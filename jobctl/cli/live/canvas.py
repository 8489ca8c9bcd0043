"""Lines on a terminal, drawn with rich: it knows what colours the terminal has, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment, Segments
from rich.style import Style

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.top.line import Line

_STYLES = {
    Meaning.GOOD: Style(color="green"),
    Meaning.BAD: Style(color="red"),
    Meaning.DOUBTFUL: Style(color="yellow"),
    Meaning.BUSY: Style(color="cyan"),
    Meaning.STRONG: Style(bold=True),
    Meaning.FAINT: Style(dim=True),
    Meaning.CHOSEN: Style(reverse=True),
    Meaning.PLAIN: None,
}


def segments(line: Line) -> list[Segment]:
    """The line as rich draws it."""
    return [Segment(text, _STYLES[meaning]) for text, meaning in line]


class Canvas:
    """Draws whole screens and writes only the lines that have changed."""

    def __init__(self, stream: TextIO, *, no_color: bool) -> None:
        self._console = Console(
            file=stream, force_terminal=True, no_color=no_color or None, highlight=False, legacy_windows=False
        )
        self._drawn: list[Line] = []

    def forget(self) -> None:
        """The terminal shows something else by now: draw everything the next time."""
        self._drawn = []

    def draw(self, lines: Sequence[Line]) -> None:
        """Show these lines, from the top left corner on. OSError: the terminal is gone."""
        wanted: list[Segment] = []
        if not self._drawn:
            wanted.append(Control(ControlType.HOME, ControlType.CLEAR).segment)
        for row, line in enumerate(lines):
            if row >= len(self._drawn) or self._drawn[row] != line:
                wanted.append(Control.move_to(0, row).segment)
                wanted += segments(line)
        self._drawn = list(lines)
        if wanted:
            self._console.print(Segments(wanted), end="", crop=False)
