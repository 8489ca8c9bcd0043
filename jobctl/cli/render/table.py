"""Aligned columns that fit the width: what matters least is cut or left out first, an empty column is not shown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut, padding, visible

Style = Callable[[str, Meaning], str]
_GAP = "  "
_LONG_NAME = 24  # of a job, where the room is scarce


class Column(NamedTuple):
    """One column with all its cells, one per row. Its meanings are gone through at most once, and only for colours.

    `rank` says when the column gives way on a narrow screen: the highest first, 0 never. A column with `least` is cut
    down to that many characters before it is left out; with `cut_rank` it is cut when columns of that rank give way.
    One with `long` is cut down to that where the cuts of others are not enough: a single long name costs no column.
    """

    title: str
    cells: Sequence[str]
    meanings: Iterable[Meaning] | None = None
    right: bool = False
    rank: int = 0
    least: int | None = None
    cut_rank: int | None = None
    long: int | None = None


def name_column(
    title: str, names: Sequence[str], meanings: Iterable[Meaning] | None = None, *, least: int = 14
) -> Column:
    """Names of jobs or the like: what a row is about."""
    meant = repeat(Meaning.STRONG, len(names)) if meanings is None else meanings
    return Column(title, names, meant, least=least, long=_LONG_NAME)


def render(columns: Sequence[Column], width: int, style: Style | None = None, *, header: bool = True) -> list[str]:
    """The lines of the table, at most `width` wide as far as ranks allow. `style` None: no colours."""
    kept = [_Measured(column, header=header) for column in columns if any(column.cells)]
    _fit(kept, width)
    shown = [one for one in kept if one.wide]
    if not shown:
        return []
    laid = [one.lay(style, pad=one is not shown[-1] or one.column.right) for one in shown]
    lines = [line.rstrip() for line in map(_GAP.join, zip(*laid, strict=True))]
    if not header:
        return lines
    head = _GAP.join(one.title() for one in shown).rstrip()
    return [style(head, Meaning.FAINT) if style else head, *lines]


class _Measured:
    """A column with cells that are safe to show, and the width that it gets; 0: left out.

    Cells that are equal are measured, cut, coloured and padded once: the rows of a long table share their words.
    """

    def __init__(self, column: Column, *, header: bool) -> None:
        self.column = column
        shared = dict.fromkeys(column.cells)
        self._cells = column.cells if len(shared) == len(column.cells) else list(shared)
        self._texts, self._ascii = visible(self._cells)
        self._natural = max(map(len if self._ascii else cell_width, self._texts))
        self.wide = self.wanted = max(self._natural, len(column.title) if header else 0)

    def title(self) -> str:
        return self.column.title.rjust(self.wide) if self.column.right else self.column.title.ljust(self.wide)

    def lay(self, style: Style | None, *, pad: bool) -> Iterator[str]:
        """The cells of all rows, cut, coloured and padded."""
        column, texts = self.column, self._texts
        if self._natural > self.wide:
            texts = [cut(text, self.wide) for text in texts]
        if style is None or column.meanings is None:
            laid = self._padded(texts) if pad else texts
            if self._cells is column.cells:
                return iter(laid)
            return map(dict(zip(self._cells, laid, strict=True)).__getitem__, column.cells)
        known = dict(zip(self._cells, texts, strict=True))
        rows = list(zip(column.cells, column.meanings, strict=True))
        painted = {row: self._painted(known[row[0]], row[1], style, pad=pad) for row in set(rows)}
        return map(painted.__getitem__, rows)

    def _padded(self, texts: Sequence[str]) -> Sequence[str]:
        if self._ascii and self._natural <= self.wide:  # as in most columns, and without a call of Python for each
            return list(map(str.rjust if self.column.right else str.ljust, texts, repeat(self.wide)))
        return [self._aside(text, padding(text, self.wide)) for text in texts]

    def _painted(self, text: str, meaning: Meaning, style: Style, *, pad: bool) -> str:
        return self._aside(style(text, meaning), padding(text, self.wide) if pad else "")

    def _aside(self, text: str, room: str) -> str:
        return room + text if self.column.right else text + room


def _fit(kept: Sequence[_Measured], width: int) -> None:
    """Cut and leave out what matters least until the rest fits, and give back the room that is left then."""
    giving = [one for one in kept if one.column.rank or one.column.cut_rank]
    spare = sum(max(0, one.wide - one.column.least) for one in giving if one.column.least)
    for one in kept:
        excess = _sum(kept) - spare - width
        if one.column.long and excess > 0:
            one.wide = max(min(one.wide, one.column.long), one.wide - excess)
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
