"""The log of one run on the whole screen."""

from __future__ import annotations

from jobctl.cli.live import keyboard
from jobctl.cli.render.top.line import Line
from jobctl.cli.render.top.pages import log_page, wrapped
from jobctl.cli.render.top.screen import Size
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.errors import JobctlError
from jobctl.operations import output
from jobctl.operations.context import Context
from jobctl.operations.selection import get_run

_LINES, _BYTES = 2_000, 256_000


class LogPane:
    """The end of the newest attempt's log, read again when it has grown."""

    def __init__(self, ctx: Context, run: Run, *, ascii_only: bool) -> None:
        self._ctx = ctx
        self._run = run
        self._ascii_only = ascii_only
        self._first: int | None = None
        self._seen: tuple[int, int, int] | None = None
        self._data = b""
        self._width = 0
        self._lines: list[str] = []

    def draw(self, size: Size) -> list[Line]:
        """The page as it is now."""
        try:
            has_new = self._read()
        except (JobctlError, OSError) as error:
            has_new, self._data = True, str(getattr(error, "message", error)).encode()
        if has_new or self._width != size.columns:
            self._width = size.columns
            self._lines = wrapped(self._data, size.columns, ascii_only=self._ascii_only)
        title = f"{self._run.job} {to_text(self._run.id)}, attempt {self._run.attempt}"
        return log_page(title, self._lines, self._first, size, ascii_only=self._ascii_only)

    def press(self, key: str, size: Size) -> bool:
        """Move by a key. False: it leaves the page."""
        rows = max(1, size.lines - 2)
        last = max(0, len(self._lines) - rows)
        at = last if self._first is None else self._first
        steps = {
            keyboard.UP: -1, "k": -1, keyboard.DOWN: 1, "j": 1, keyboard.ENTER: 1, keyboard.PAGE_UP: -rows, "b": -rows,
            keyboard.PAGE_DOWN: rows, " ": rows, keyboard.HOME: -at, "g": -at, keyboard.END: last - at, "G": last - at,
        }  # fmt: skip
        if key in steps:
            at = max(0, at + steps[key])
            self._first = None if at >= last else at
        return key not in ("q", "l", keyboard.ESCAPE, "F10")

    def _read(self) -> bool:
        """Whether there is something new."""
        self._run = get_run(self._ctx, self._run.id)
        log = output.log_of(self._ctx, self._run)
        found = log.path.stat()
        seen = (self._run.attempt, found.st_size, found.st_mtime_ns)
        if seen == self._seen:
            return False
        self._data = output.tail(self._ctx, log, _LINES, _BYTES) or b"nothing was written yet"
        self._seen = seen
        return True
