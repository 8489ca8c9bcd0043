"""Days as rows, hours as columns: how much ended when, and where something failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from jobctl.cli.render.style import Meaning
from jobctl.domain.tally import Span
from jobctl.store.records import Ends

_SHADES = "·░▒▓█"
_PLAIN_SHADES = ".:+*#"
Style = Callable[[str, Meaning], str]


def heat_map(hours: Iterable[Ends], now: int, days: int, style: Style, *, plain: bool = False) -> list[str]:
    """The lines of the map, in local time, the newest day last. A cell is darker the more runs ended in that hour; it
    is red where one of them failed, and `!` beside the day's count says so without colours."""
    shades = _PLAIN_SHADES if plain else _SHADES
    by_day = _by_local_day(hours)
    top = max((cell.ended for cells in by_day.values() for cell in cells.values()), default=0)
    lines = [style(" " * 12 + "".join(f"{hour:<6d}" for hour in range(0, 24, 3)).rstrip(), Meaning.FAINT)]
    for back in range(days - 1, -1, -1):
        then = time.localtime((now - back * int(Span.DAY)) / 1000)
        cells = by_day.get((then.tm_year, then.tm_yday), {})
        row = "".join(_cell(cells.get(hour), top, shades, style) for hour in range(24))
        runs, bad = sum(cell.ended for cell in cells.values()), sum(cell.bad for cell in cells.values())
        counts = (f"  {runs:,}" if runs else "") + (style(f"  {bad:,} failed!", Meaning.BAD) if bad else "")
        lines.append(f"{time.strftime('%a %d %b', then)}  {row}{counts}")
    return lines


def _by_local_day(hours: Iterable[Ends]) -> dict[tuple[int, int], dict[int, Ends]]:
    found: dict[tuple[int, int], dict[int, Ends]] = {}
    for start, ended, bad in hours:
        local = time.localtime(start / 1000)
        cells = found.setdefault((local.tm_year, local.tm_yday), {})
        known = cells.get(local.tm_hour, Ends(start, 0, 0))  # an hour that a clock change repeats is one cell
        cells[local.tm_hour] = Ends(known.start, known.ended + ended, known.bad + bad)
    return found


def _cell(cell: Ends | None, top: int, shades: str, style: Style) -> str:
    if cell is None or not cell.ended:
        return style(shades[0] * 2, Meaning.FAINT)
    shade = shades[1 + min(len(shades) - 2, (len(shades) - 1) * (cell.ended - 1) // top)]
    return style(shade * 2, Meaning.BAD if cell.bad else Meaning.GOOD)
