"""Aligned columns that fit the width: what matters least is cut or left out first, an empty column is not shown."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut, padding, visible

Style = Callable[[str, Meaning], str]
_GAP = "  "


class Column(NamedTuple):
    """One column with all its cells, one per row.

    `rank` says when the column gives way on a narrow screen: the highest first, 0 never. A column with `least` is cut
    down to that many characters before it is left out; with `cut_rank` it is cut when columns of that rank give way.
    """

    title: str
    cells: Sequence[str]
    meanings: Sequence[Meaning] | None = None
    right: bool = False
    rank: int = 0
    least: int | None = None
    cut_rank: int | None = None


def render(columns: Sequence[Column], width: int, style: Style | None = None, *, header: bool = True) -> list[str]:
    """The lines of the table, at most `width` wide as far as ranks allow. `style` None: no colours."""
    kept = [_Measured(column, header=header) for column in columns if any(column.cells)]
    _fit(kept, width)
    shown = [one for one in kept if one.wide]
    if not shown:
        return []
    laid = [one.lay(style, pad=one is not shown[-1] or one.column.right) for one in shown]
    form = _GAP.join(pattern for pattern, _ in laid)
    lines = [line.rstrip() for line in map(form.__mod__, zip(*(cells for _, cells in laid), strict=True))]
    if not header:
        return lines
    head = _GAP.join(one.title() for one in shown).rstrip()
    return [style(head, Meaning.FAINT) if style else head, *lines]


class _Measured:
    """A column with cells that are safe to show, and the width that it gets; 0: left out.

    Ten thousand cells of ASCII, the usual case, are measured and padded without a call of Python for each.
    """

    def __init__(self, column: Column, *, header: bool) -> None:
        self.column = column
        self._cells, self._ascii = visible(column.cells)
        self._natural = max(map(len if self._ascii else cell_width, self._cells))
        self.wide = self.wanted = max(self._natural, len(column.title) if header else 0)

    def title(self) -> str:
        return self.column.title.rjust(self.wide) if self.column.right else self.column.title.ljust(self.wide)

    def lay(self, style: Style | None, *, pad: bool) -> tuple[str, Sequence[str]]:
        """The cells cut and coloured, and the pattern that pads them where they are not padded yet."""
        column, wide = self.column, self.wide
        cells = self._cells if self._natural <= wide else [cut(cell, wide) for cell in self._cells]
        if style is not None and column.meanings is not None:
            return "%s", [self._coloured(*cell, style, pad=pad) for cell in zip(cells, column.meanings, strict=True)]
        if not pad:
            return "%s", cells
        if self._ascii and self._natural <= wide:
            return f"%{wide}s" if column.right else f"%-{wide}s", cells
        rooms = [padding(cell, wide) for cell in cells]
        padded = [room + cell if column.right else cell + room for cell, room in zip(cells, rooms, strict=True)]
        return "%s", padded

    def _coloured(self, cell: str, meaning: Meaning, style: Style, *, pad: bool) -> str:
        room = padding(cell, self.wide) if pad else ""
        text = style(cell, meaning)
        return room + text if self.column.right else text + room


def _fit(kept: Sequence[_Measured], width: int) -> None:
    """Cut and leave out what matters least until the rest fits, and give back the room that is left then."""
    steps = [(one.column.rank, False, -at) for at, one in enumerate(kept) if one.column.rank]
    steps += [(one.column.cut_rank or one.column.rank, True, -at) for at, one in enumerate(kept) if one.column.least]
    for _, is_cut, place in sorted(steps, reverse=True):
        excess, one = _sum(kept) - width, kept[-place]
        if excess <= 0:
            break
        one.wide = max(min(one.wide, one.column.least or 0), one.wide - excess) if is_cut else 0
    for one in sorted(kept, key=lambda one: one.column.rank):
        if one.wide:
            one.wide = min(one.wanted, one.wide + max(0, width - _sum(kept)))


def _sum(kept: Sequence[_Measured]) -> int:
    shown = [one.wide for one in kept if one.wide]
    return sum(shown) + len(_GAP) * max(0, len(shown) - 1)
