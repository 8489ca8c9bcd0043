"""Aligned columns that fit the width: what matters least is cut or left out first, an empty column is not shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut, padding, visible

Style = Callable[[str, Meaning], str]
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column with all its cells, one per row.

    `rank` says when the column gives way on a narrow screen: the highest first, 0 never. A column with `least` is cut
    down to that many characters before it is left out.
    """

    title: str
    cells: Sequence[str]
    meanings: Sequence[Meaning] | None = None
    right: bool = False
    rank: int = 0
    least: int | None = None


def render(columns: Sequence[Column], width: int, style: Style | None = None, *, header: bool = True) -> list[str]:
    """The lines of the table, at most `width` wide as far as ranks allow. `style` None: no colours."""
    kept = [(column, visible(column.cells)) for column in columns if any(column.cells)]
    widths = [_natural(column, cells, header) for column, cells in kept]
    _fit(kept, widths, width)
    shown = [(column, cells, wide) for (column, cells), wide in zip(kept, widths, strict=True) if wide]
    if not shown:
        return []
    last = len(shown) - 1
    laid = [
        _lay(column, cells, wide, style, pad=at != last or column.right)
        for at, (column, cells, wide) in enumerate(shown)
    ]
    lines = [_GAP.join(row).rstrip() for row in zip(*laid, strict=True)]
    if not header:
        return lines
    titles = [_aligned(column.title, wide, column.right) for column, _, wide in shown]
    head = _GAP.join(titles).rstrip()
    return [style(head, Meaning.FAINT) if style else head, *lines]


def _natural(column: Column, cells: Sequence[str], header: bool) -> int:
    return max(max(map(cell_width, cells)), len(column.title) if header else 0)


def _fit(kept: Sequence[tuple[Column, Sequence[str]]], widths: list[int], width: int) -> None:
    """Cut and leave out columns, the least important first, until the sum fits. A width of 0 means left out."""
    by_rank = sorted(range(len(kept)), key=lambda at: (-kept[at][0].rank, -at))
    for at in by_rank:
        column = kept[at][0]
        excess = _sum(widths) - width
        if excess <= 0:
            return
        if column.least is not None:
            floor = max(column.least, min(len(column.title), widths[at]))
            widths[at] = max(min(widths[at], floor), widths[at] - excess)
        if column.rank and _sum(widths) > width:
            widths[at] = 0


def _sum(widths: Sequence[int]) -> int:
    shown = [wide for wide in widths if wide]
    return sum(shown) + len(_GAP) * max(0, len(shown) - 1)


def _lay(column: Column, cells: Sequence[str], wide: int, style: Style | None, *, pad: bool) -> list[str]:
    if column.least is not None:
        cells = [cut(cell, wide) for cell in cells]
    if style is None or column.meanings is None:
        return [_aligned(cell, wide, column.right) for cell in cells] if pad else list(cells)
    laid = []
    for cell, meaning in zip(cells, column.meanings, strict=True):
        room = padding(cell, wide) if pad else ""
        text = style(cell, meaning)
        laid.append(room + text if column.right else text + room)
    return laid


def _aligned(cell: str, wide: int, right: bool) -> str:
    if cell.isascii():
        return cell.rjust(wide) if right else cell.ljust(wide)
    room = padding(cell, wide)
    return room + cell if right else cell + room
