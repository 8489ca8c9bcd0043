"""The table of running attempts. Its columns depend on the width alone, so that nothing jumps while one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut
from jobctl.cli.render.top.line import Line, Span, bar, chosen, shown
from jobctl.cli.render.top.view import View
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.running_attempts import RunningAttempt

_MESSAGE_FROM = 116  # columns of the screen
_WIDEST_JOB = 40
_NARROW_MESSAGE = 16
_LONGER = 1.5  # times the usual: worth a look
_MUCH_LONGER = 3.0


@dataclass(frozen=True, slots=True)
class _Cell:
    """One column. It is there on screens that are at least `from_width` wide; a bar is as wide as a share of those."""

    title: str
    width: int
    from_width: int
    show: Callable[[RunningAttempt, int], Span]
    left: bool = False


def running_table(rows: Sequence[RunningAttempt], view: View, width: int, memory_total: int | None) -> list[Line]:
    """The heads and a line for each row."""
    cells = [cell for cell in _cells(width, memory_total or 0) if width >= cell.from_width]
    left = max(4, width - 1 - sum(cell.width + 1 for cell in cells))
    names = [shown(row.run.job, ascii_only=view.ascii_only) for row in rows]
    job_width, message_width = _flexible(names, left, with_message=width >= _MESSAGE_FROM)
    heads = [" ", _laid("JOB", job_width, left=True), *(_laid(cell.title, cell.width, cell.left) for cell in cells)]
    if message_width > 0:
        heads.append("MESSAGE")
    lines: list[Line] = [((" ".join([heads[0] + heads[1], *heads[2:]]), Meaning.FAINT),)]
    for row, name in zip(rows, names, strict=True):
        line = _line(row, name, cells, (job_width, message_width), view)
        lines.append(chosen(line, width) if row.run.id == view.chosen else line)
    return lines


def _flexible(names: Sequence[str], left: int, *, with_message: bool) -> tuple[int, int]:
    """How the names of jobs and the messages share the room that is left."""
    if not with_message:
        return left, 0
    job = min(max(map(cell_width, names), default=3), _WIDEST_JOB, max(left // 2, left - _NARROW_MESSAGE))
    return max(3, job), left - max(3, job) - 1


def _line(row: RunningAttempt, name: str, cells: Sequence[_Cell], widths: tuple[int, int], view: View) -> Line:
    job_width, message_width = widths
    mark = ">" if row.run.id == view.chosen else " "
    spans: list[Span] = [(mark + _laid(name, job_width, left=True), Meaning.STRONG)]
    for cell in cells:
        text, meaning = cell.show(row, cell.width)
        spans.append((" " + _laid(text, cell.width, cell.left), meaning))
    if message_width > 0 and (words := _words(row, view)):
        spans.append((" " + cut(words, message_width), Meaning.DOUBTFUL if row.is_stopping else Meaning.FAINT))
    return tuple(spans)


def _words(row: RunningAttempt, view: View) -> str:
    message = shown(row.run.message or "", ascii_only=view.ascii_only)
    return " ".join(word for word in ("stopping" if row.is_stopping else "", message) if word)


def _laid(text: str, width: int, left: bool = False) -> str:
    text = cut(text, width)
    room = " " * (width - cell_width(text))
    return text + room if left else room + text


def _cells(width: int, memory_total: int) -> list[_Cell]:
    wide = 14 if width >= 220 else 10 if width >= 150 else 6
    return [
        _Cell("RUN", 12, 108, lambda row, _: (to_text(row.run.id), Meaning.FAINT), left=True),
        _Cell("CPU", 5, 36, _cpu),
        _Cell("", wide, 72, _cpu_bar, left=True),
        _Cell("MEMORY", 7, 46, _memory),
        _Cell("", wide, 90, lambda row, cells: _memory_bar(row, cells, memory_total), left=True),
        _Cell("READ/s", 7, 176, lambda row, _: (_size(row.read_rate), Meaning.PLAIN)),
        _Cell("WRITE/s", 7, 176, lambda row, _: (_size(row.write_rate), Meaning.PLAIN)),
        _Cell("TIME", 6, 0, lambda row, _: (_seconds(row.elapsed), _time_meaning(row))),
        _Cell("", wide + 2, 58, _time_bar, left=True),
        _Cell("USUAL", 6, 66, lambda row, _: ("" if row.usual is None else _seconds(row.usual), Meaning.FAINT)),
        _Cell("ETA", 7, 54, _eta),
        _Cell("DONE", 4, 30, lambda row, _: (_done(row), Meaning.PLAIN)),
        _Cell("", wide, 112, _done_bar, left=True),
        _Cell("TRY", 4, 132, lambda row, _: (_tries(row), Meaning.FAINT)),
        _Cell("PROCS", 5, 168, lambda row, _: (str(row.processes or ""), Meaning.FAINT)),
        _Cell("PID", 7, 160, lambda row, _: (str(row.pid or ""), Meaning.FAINT)),
    ]


def _cpu(row: RunningAttempt, width: int) -> Span:
    if row.cpu_percent is None:
        return "", Meaning.PLAIN
    return f"{row.cpu_percent:.0f}%", Meaning.BUSY if row.cpu_percent >= 50 else Meaning.PLAIN


def _cpu_bar(row: RunningAttempt, width: int) -> Span:
    """Full with one core."""
    return bar((row.cpu_percent or 0) / 100, width), Meaning.DOUBTFUL if (row.cpu_percent or 0) > 105 else Meaning.BUSY


def _memory(row: RunningAttempt, width: int) -> Span:
    return _size(row.rss_bytes), Meaning.PLAIN


def _memory_bar(row: RunningAttempt, width: int, total: int) -> Span:
    """Full with the memory of the machine."""
    share = (row.rss_bytes or 0) / total if total else 0.0
    return bar(share, width), Meaning.BAD if share > 0.5 else Meaning.BUSY


def _time_bar(row: RunningAttempt, width: int) -> Span:
    """Full with the usual time."""
    return ("" if not row.usual else bar(row.elapsed / row.usual, width)), _time_meaning(row)


def _time_meaning(row: RunningAttempt) -> Meaning:
    times = row.elapsed / row.usual if row.usual and row.elapsed > 1 else 0.0
    return Meaning.BAD if times > _MUCH_LONGER else Meaning.DOUBTFUL if times > _LONGER else Meaning.GOOD


def _eta(row: RunningAttempt, width: int) -> Span:
    if row.remaining is None:
        return "", Meaning.PLAIN
    if row.remaining >= 0:
        return _seconds(row.remaining), Meaning.PLAIN
    return f"+{_seconds(-row.remaining)}", _time_meaning(row)


def _done(row: RunningAttempt) -> str:
    return "" if row.run.progress is None else f"{row.run.progress:.0f}%"


def _done_bar(row: RunningAttempt, width: int) -> Span:
    return ("" if row.run.progress is None else bar(row.run.progress / 100, width)), Meaning.GOOD


def _tries(row: RunningAttempt) -> str:
    return f"{row.run.attempt}/{row.run.max_attempts}" if row.run.attempt > 1 else ""


def _seconds(seconds: float) -> str:
    return format_duration(int(seconds) if seconds >= 1 else round(seconds, 1))


def _size(count: float | None) -> str:
    return format_size(round(count)) if count else ""
