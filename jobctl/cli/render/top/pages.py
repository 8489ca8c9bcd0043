"""What covers the screen for a while: the keys, and the log of a run."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width
from jobctl.cli.render.top.line import EMPTY, Line, plain, shown
from jobctl.cli.render.top.screen import Size, finish
from jobctl.process.terminal_text import neutralise

_HELP = (
    ("up down  j ^N ^P", "choose a run; PgUp PgDn Home End (also g G) go further"),
    ("l  Enter", "the log of the chosen run, as it grows"),
    ("c", "cancel it: SIGTERM, and SIGKILL after its grace (asks)"),
    ("k  F9", "kill it: SIGKILL now (asks)"),
    ("r", "retry it, when it is one that failed (asks)"),
    ("s  F6", "sort by cpu, mem, time in turn; P M T choose one"),
    ("/  F4", "only jobs with these letters, or a run by its id"),
    ("Esc", "all jobs again, and none chosen"),
    ("space", "freeze the screen, not the jobs (see `jobctl pause`)"),
    ("?  h  F1", "this page"),
    ("q  F10", "quit; so does Ctrl-C. Ctrl-Z suspends"),
)
_COLUMNS = (
    ("CPU", "of one core, all processes together; a full bar is one core"),
    ("MEMORY", "resident, all processes; a full bar is the machine's memory"),
    ("TIME", "since the attempt began; a full bar is the job's usual time"),
    ("ETA", "from what the job says, else the usual time; + is beyond"),
)


def help_page(size: Size, *, ascii_only: bool) -> list[Line]:
    """The keys, and what the columns mean."""
    lines: list[Line] = [(("Keys", Meaning.STRONG),)]
    lines += [((f"  {keys:18}", Meaning.BUSY), (does, Meaning.PLAIN)) for keys, does in _HELP]
    lines += [EMPTY, (("Columns", Meaning.STRONG),)]
    lines += [((f"  {name:18}", Meaning.BUSY), (means, Meaning.PLAIN)) for name, means in _COLUMNS]
    return finish(lines, (("any key goes back", Meaning.FAINT),), size, ascii_only=ascii_only)


def wrapped(data: bytes, width: int, *, ascii_only: bool) -> list[str]:
    """Output as lines that a terminal of this width can show, nothing of it acting on the terminal."""
    lines: list[str] = []
    for line in neutralise(data).expandtabs(8).splitlines():
        lines += _pieces(shown(line, ascii_only=ascii_only), max(1, width))
    return lines


def _pieces(line: str, width: int) -> list[str]:
    if cell_width(line) <= width:
        return [line]
    if line.isascii():
        return [line[at : at + width] for at in range(0, len(line), width)]
    pieces, piece, used = [], "", 0
    for sign in line:
        wide = cell_width(sign)
        if used + wide > width and piece:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + sign, used + wide
    return [*pieces, piece]


def log_page(title: str, lines: Sequence[str], first: int | None, size: Size, *, ascii_only: bool) -> list[Line]:
    """The part of a log from line `first` on; None: its end."""
    rows = max(1, size.lines - 2)
    last = max(0, len(lines) - rows)
    at = last if first is None else min(first, last)
    where = "follows the end" if first is None or first >= last else f"lines {at + 1} to {at + rows} of {len(lines)}"
    head: Line = ((shown(title, ascii_only=ascii_only), Meaning.STRONG), (f"  {where}", Meaning.FAINT))
    keys = (("q", Meaning.STRONG), (" back  ", Meaning.FAINT), ("arrows PgUp PgDn Home End", Meaning.STRONG))
    part = [plain(line) for line in lines[at : at + rows]]
    return finish([head, *part], (*keys, (" move", Meaning.FAINT)), size, ascii_only=ascii_only)
