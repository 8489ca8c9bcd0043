"""A snapshot and a size become lines, and nothing else is asked: the same input is always the same screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.top.header import header, queue_line
from jobctl.cli.render.top.line import EMPTY, Line, beside, fit, in_ascii, shown, width_of
from jobctl.cli.render.top.panels import failed_panel, heading, next_panel, queue_panel
from jobctl.cli.render.top.running import running_table
from jobctl.cli.render.top.view import View, arranged, failed, missed
from jobctl.domain.run import Run
from jobctl.operations.running_attempts import RunningAttempt
from jobctl.operations.top import Snapshot
from jobctl.store.records import MissedStarts

_BAND_FROM = 19  # lines of the screen: below that running attempts need them all
_THREE_PANELS_FROM = 116  # columns
_TWO_PANELS_FROM = 60
_KEYS = (
    ("?", "help"), ("q", "quit"), ("c", "cancel"), ("k", "kill"), ("r", "retry"), ("l", "logs"), ("s", "sort"),
    ("/", "filter"), ("space", "freeze"),
)  # fmt: skip


class Size(NamedTuple):
    """Of a terminal."""

    columns: int
    lines: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is where: lines of the head, running attempts that fit, lines of the band below."""

    head: list[Line]
    rows: int
    band: int
    running: list[RunningAttempt]
    failed: list[Run]
    missed: list[MissedStarts]

    @property
    def choices(self) -> list[Run]:
        """The runs that can be chosen, from top to bottom."""
        return [one.run for one in self.running] + self.failed


def plan(snapshot: Snapshot, view: View, size: Size) -> Plan:
    """Share out the screen."""
    running, bad, absent = arranged(snapshot, view), failed(snapshot, view), missed(snapshot, view)
    head = header(snapshot, view, size.columns, size.lines)
    has_band = size.lines >= _BAND_FROM
    if has_band and size.columns < _THREE_PANELS_FROM:
        head.append(queue_line(snapshot, view))
    room = max(0, size.lines - len(head) - 3)  # the heading, the heads of the columns, and the keys
    band = 0
    if has_band:
        longest = 2 + max(len(bad) + len(absent), len(snapshot.stored.next), len(snapshot.stored.queues), 1)
        band = min(longest, max(room // 3, room - len(running)))
    rows = max(0, room - band)
    below = max(0, band - 2)
    absent = absent[: max(below - len(bad), below // 2)]
    return Plan(head, rows, band, running, bad[: below - len(absent)], absent)


def draw(snapshot: Snapshot, view: View, size: Size) -> list[Line]:
    """All lines of the screen, each exactly as wide as it."""
    planned = plan(snapshot, view, size)
    lines = list(planned.head)
    part = planned.running[view.first : view.first + planned.rows]
    lines.append(_running_heading(planned, snapshot, view))
    lines += running_table(part, view, size.columns, snapshot.host.memory_total)
    filled = len(planned.head) + 2 + planned.rows
    lines += [EMPTY] * (filled - len(lines))
    if planned.band:
        lines += [EMPTY, *_band(planned, snapshot, view, size.columns)]
    return finish(lines, footer(view, size.columns), size, ascii_only=view.ascii_only)


def finish(lines: list[Line], last: Line, size: Size, *, ascii_only: bool) -> list[Line]:
    """The lines cut and filled up to the screen, with `last` at the bottom."""
    above = max(0, size.lines - 1)
    whole = [*lines[:above], *[EMPTY] * (above - len(lines)), last][: size.lines]
    return [in_ascii(fitted) if ascii_only else fitted for fitted in (fit(line, size.columns) for line in whole)]


def _running_heading(planned: Plan, snapshot: Snapshot, view: View) -> Line:
    count, shown_count = len(snapshot.running), len(planned.running)
    said = f"{shown_count} of {count}" if shown_count != count else str(count)
    more = f"{said}, most {view.sort.value} first"
    if view.needle:
        more += f", filter {shown(view.needle, ascii_only=view.ascii_only)}"
    if planned.rows < shown_count:
        more += f", lines {view.first + 1} to {min(shown_count, view.first + planned.rows)}"
    return heading("Running", more)


def _band(planned: Plan, snapshot: Snapshot, view: View, width: int) -> list[Line]:
    height = planned.band - 1
    if width >= _THREE_PANELS_FROM:
        left, middle = min(52, width * 3 // 10), min(64, width * 3 // 10)
        right = width - left - middle
        return beside(
            [
                (queue_panel(snapshot, view, left - 2, height), left),
                (next_panel(snapshot, view, middle - 2, height), middle),
                (failed_panel(planned.failed, planned.missed, snapshot, view, right), right),
            ],
            height,
        )
    if width < _TWO_PANELS_FROM:
        return beside([(failed_panel(planned.failed, planned.missed, snapshot, view, width), width)], height)
    left = width * 9 // 20
    right = width - left
    bad = failed_panel(planned.failed, planned.missed, snapshot, view, right)
    return beside([(next_panel(snapshot, view, left - 2, height), left), (bad, right)], height)


def footer(view: View, width: int) -> Line:
    """The keys, or what is asked or said at the moment."""
    if view.prompt:
        text = shown(view.prompt, ascii_only=view.ascii_only)
        return ((text, Meaning.DOUBTFUL if view.is_alarming else Meaning.PLAIN),)
    spans: list[tuple[str, Meaning]] = []
    for key, does in _KEYS:
        more = [(key, Meaning.STRONG), (f" {does}  ", Meaning.FAINT)]
        if width_of([*spans, *more]) - 2 > width:
            break
        spans += more
    return tuple(spans)
