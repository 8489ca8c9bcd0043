"""Runs for a follower, who knows neither how many come nor how wide they are: columns of fixed width."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jobctl.cli.render.run_choice import chosen_columns
from jobctl.cli.render.table import Column, Style
from jobctl.cli.render.text import cell_width, printable
from jobctl.domain.run import Run

_WIDTHS = {
    "run": 12, "status": 16, "when": 10, "took": 6, "cpu": 6, "memory": 6, "read": 6, "written": 7, "try": 4,
    "origin": 21, "reason": 24, "age": 9, "wait": 6, "log": 6, "exit": 7, "queue": 12, "priority": 8, "key": 12,
    "params": 24, "result": 24, "message": 24,
}  # fmt: skip
_WIDTH = 10  # of instants
_WIDEST_JOB = 30
_WITH_USE_FROM = 120  # columns of the screen


class RunLines:
    """`names` are the columns, or none for the usual ones; that of the jobs is as wide as the names that may come."""

    def __init__(self, names: Sequence[str], jobs: Collection[str], screen_width: int) -> None:
        use = ("cpu", "memory") if screen_width >= _WITH_USE_FROM else ()
        self._names = names or ("run", "job", "status", "when", "took", *use, "reason")
        self._widths = _WIDTHS | {"job": min(max(map(len, jobs), default=8), _WIDEST_JOB)}

    def header(self) -> str:
        """The names of the columns."""
        columns = chosen_columns(self._names, (), 0, {})
        return "  ".join(self._padded(column, column.title, column.title) for column in columns).rstrip()

    def line(self, run: Run, now: int, style: Style) -> str:
        """One run."""
        cells = []
        for column in chosen_columns(self._names, [run], now, {}):
            text = printable(column.cells[0])
            cells.append(self._padded(column, text, style(text, *column.meanings) if column.meanings else text))
        return "  ".join(cells).rstrip()

    def _padded(self, column: Column, text: str, shown: str) -> str:
        room = " " * (self._widths.get(column.title.lower(), _WIDTH) - cell_width(text))
        return room + shown if column.right else shown + room
