"""How a benchmark says what it measured: when, on what, under which load, and a table."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime


def announce(title: str) -> None:
    """The circumstances. The load is that of the last minute: with others at work only ratios count."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}"
    versions = f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"{title}\n{now}, {machine}, {versions}, load {os.getloadavg()[0]:.1f}", flush=True)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as they must be; the first to the left, numbers to the right."""
    cells = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *others = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *others)).rstrip())
    print(flush=True)


def mib(size: float) -> str:
    """Bytes in MiB."""
    return f"{size / 2**20:.1f} MiB"
