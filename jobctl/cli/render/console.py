"""Where a verb writes: data to stdout, everything else to stderr, colours only where somebody looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from jobctl.cli.render.signs import is_plain, locale_is_ascii, plain
from jobctl.cli.render.style import Meaning, coloured
from jobctl.cli.render.table import Column, render

_WIDTH_WHEN_PIPED = 10_000  # nothing is cut for a program


class Console:
    """Standard output and standard error of this call."""

    def __init__(self, *, no_color: bool = False, quiet: bool = False) -> None:
        self._no_color = no_color
        self._quiet = quiet
        self._ascii_locale = locale_is_ascii()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a name that the locale cannot write is no error

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads stdout."""
        return sys.stdout.isatty()

    @property
    def is_plain(self) -> bool:
        """Whether stdout has no signs beyond ASCII."""
        return is_plain(sys.stdout, ascii_locale=self._ascii_locale)

    @property
    def is_watched(self) -> bool:
        """Whether a person sees what moves on stderr, and wants to."""
        return not self._quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Columns to fill: the terminal's, or $COLUMNS; without either there is no limit."""
        if self.is_terminal or os.environ.get("COLUMNS", "").isdigit():
            from shutil import get_terminal_size  # and what packs archives, where there is a width to know

            return get_terminal_size().columns
        return _WIDTH_WHEN_PIPED

    def print(self, text: str = "", end: str = "\n") -> None:
        """Data, to stdout."""
        sys.stdout.write(text + end)

    def table(self, columns: Sequence[Column], *, header: bool = True) -> None:
        """Data in aligned columns, cut to the width."""
        style = self.style if self._coloured(sys.stdout) else None
        if self.is_plain:
            columns = [one._replace(cells=[self.writable(cell) for cell in one.cells]) for one in columns]
        if lines := render(columns, self.width, style, header=header):
            self.print(self.writable("\n".join(lines)))

    def writable(self, text: str) -> str:
        """The text in signs that stdout has, which are as wide as they will be seen; where it has all, as it is."""
        return plain(text, sys.stdout, ascii_locale=self._ascii_locale) if self.is_plain else text

    def note(self, text: str) -> None:
        """What a person should know beside the data; silent with --quiet."""
        if not self._quiet:
            self.complain(text)

    def notes(self, texts: Iterable[str]) -> None:
        """Several notes, a line each."""
        for text in texts:
            self.note(self.err_style(text, Meaning.FAINT))

    def complain(self, text: str) -> None:
        """An error or what must not be missed; also with --quiet. After what is already on stdout."""
        sys.stdout.flush()
        if is_plain(sys.stderr, ascii_locale=self._ascii_locale):
            text = plain(text, sys.stderr, ascii_locale=self._ascii_locale)
        try:
            print(text, file=sys.stderr)
        except OSError:
            discard(sys.stderr)  # nobody reads any more, or its disk is full; what the verb does goes on

    def style(self, text: str, meaning: Meaning) -> str:
        """The text as it should look on stdout."""
        return coloured(text, meaning) if self._coloured(sys.stdout) else text

    def err_style(self, text: str, meaning: Meaning) -> str:
        """The text as it should look on stderr."""
        return coloured(text, meaning) if self._coloured(sys.stderr) else text

    def _coloured(self, stream: TextIO) -> bool:
        """https://no-color.org and https://force-color.org; a dumb terminal gets none."""
        if self._no_color or os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"


def discard(stream: TextIO) -> None:
    """What is written to the stream from now on, and what it still holds, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
