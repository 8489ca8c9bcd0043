"""A line at the bottom of the terminal, with a spinner, that is written over until there is something to say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jobctl.cli.render.signs import is_plain, locale_is_ascii, plain
from jobctl.cli.render.text import printable

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text

_SPINNER = 2  # columns


class LiveLine:
    """On stderr, for a person who watches (Console.is_watched). Nothing is imported before it is first shown."""

    def __init__(self, *, no_color: bool) -> None:
        self._no_color = no_color
        self._status: Status | None = None
        self._ascii_locale = locale_is_ascii()

    @property
    def is_shown(self) -> bool:
        return self._status is not None

    def show(self, words: str) -> None:
        """Say this from now on."""
        from rich.text import Text  # 100 ms, for those who wait anyway

        text = Text(self._writable(printable(words)))
        if self._status is None:
            self._begin(text)
        else:
            self._fit(text, self._status.console.width)
            self._status.update(text)

    def hide(self) -> None:
        """Leave the terminal as if it had never been there, for what is written next."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @property
    def _is_plain(self) -> bool:
        return is_plain(sys.stderr, ascii_locale=self._ascii_locale)

    def _writable(self, text: str) -> str:
        return plain(text, sys.stderr, ascii_locale=self._ascii_locale) if self._is_plain else text

    def _fit(self, text: Text, columns: int) -> None:
        """Cut it to one line, beside the spinner: a line that wraps cannot be taken back."""
        text.truncate(max(1, columns - _SPINNER - 1), overflow="crop" if self._is_plain else "ellipsis")

    def _begin(self, text: Text) -> None:
        from rich.console import Console
        from rich.status import Status

        console = Console(stderr=True, no_color=self._no_color or None, highlight=False)
        self._fit(text, console.width)
        spinner = "line" if self._is_plain else "dots"
        self._status = Status(text, console=console, spinner=spinner, spinner_style="cyan")
        self._status.start()
