"""What stands below the running attempts: queues, what is next, what failed."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import cell_width, cut
from jobctl.cli.render.top.line import Line, Span, chosen, shown
from jobctl.cli.render.top.view import View
from jobctl.cli.render.words import (
    code_words,
    local_words,
    meaning_of,
    missed_words,
    reason_beside_outcome,
    relative,
    status_words,
)
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.queues import QueueState
from jobctl.operations.starts import Start
from jobctl.operations.top import Snapshot
from jobctl.store.records import MissedStarts

_MORE_FROM = 56  # columns of a panel: room for an id and a reason


def heading(text: str, more: str = "") -> Line:
    """The name of a part of the screen."""
    return ((text, Meaning.STRONG), (f"  {more}" if more else "", Meaning.FAINT))


def queue_panel(snapshot: Snapshot, view: View, width: int, height: int) -> list[Line]:
    """Each queue with what waits and runs, and its limits."""
    queues = snapshot.stored.queues[: height - 1]
    name = max(8, min(30, width - 30))
    head: Line = ((f"{'Queues':{name}}", Meaning.STRONG), (" WAITING  RUNNING", Meaning.FAINT))
    return [head, *(_queue(queue, snapshot.at, view, name) for queue in queues)]


def _queue(queue: QueueState, now: int, view: View, name: int) -> Line:
    at_most = f"/{queue.max_concurrent}" if queue.max_concurrent is not None else ""
    spans: list[Span] = [
        (_name(queue.name, name, view), Meaning.STRONG),
        (f" {queue.waiting:>7,}", Meaning.DOUBTFUL if queue.waiting else Meaning.FAINT),
        (f" {f'{queue.running}{at_most}':>8}", Meaning.BUSY if queue.running else Meaning.FAINT),
    ]
    if queue.pause is not None:
        spans.append(("  paused", Meaning.BAD))
    elif queue.next_start_at is not None:
        spans.append((f"  {relative(queue.next_start_at, now)}", Meaning.DOUBTFUL))
    elif queue.rate is not None:
        spans.append((f"  {queue.rate.words}", Meaning.FAINT))
    return tuple(spans)


def next_panel(snapshot: Snapshot, view: View, width: int, height: int) -> list[Line]:
    """What starts next, with how long it is until then."""
    needle = view.needle.lower()
    starts = [start for start in snapshot.stored.next if needle in start.job.lower()]
    lines = [_start(start, snapshot.at, view, width) for start in starts[: height - 1]]
    return [heading("Next"), *lines] if lines else [heading("Next"), (("nothing by itself", Meaning.FAINT),)]


def _start(start: Start, now: int, view: View, width: int) -> Line:
    until = "due" if start.at <= now else relative(start.at, now).removeprefix("in ")
    name = max(8, width - 9 - (24 if width >= _MORE_FROM else 0))
    spans: list[Span] = [(f"{until:>7} ", Meaning.BUSY), (_name(start.job, name, view), Meaning.PLAIN)]
    if width >= _MORE_FROM:
        spans.append((" " + cut(shown(start.reason, ascii_only=view.ascii_only), 22), Meaning.FAINT))
    return tuple(spans)


def failed_panel(
    runs: Sequence[Run], missed: Sequence[MissedStarts], snapshot: Snapshot, view: View, width: int
) -> list[Line]:
    """The latest failures, and below them the jobs that have missed their last starts; failures that somebody or a
    later run has made up for are faint."""
    lines: list[Line] = [heading("Failed")]
    room = max(8, width - 22 if width < _MORE_FROM else width - 40)
    names = [run.job for run in runs] + [one.job for one in missed]
    name = min(room, max((cell_width(shown(job, ascii_only=view.ascii_only)) for job in names), default=8))
    for run in runs:
        line = _failure(run, snapshot.at, view, name, with_more=width >= _MORE_FROM)
        lines.append(chosen(line, width - 1) if run.id == view.chosen else line)
    lines += [_missed(one, snapshot.at, view, name) for one in missed]
    return lines if names else [*lines, (("nothing", Meaning.FAINT),)]


def _failure(run: Run, now: int, view: View, name: int, *, with_more: bool) -> Line:
    mark = ">" if run.id == view.chosen else " "
    ago = relative(run.finished_at or run.created_at, now).removesuffix(" ago")
    how = code_words(run.exit_code, run.signal) if run.status is Status.FAILED else status_words(run.status)
    meaning = meaning_of(run.status) if run.dead_letter else Meaning.FAINT
    spans: list[Span] = [
        (f"{mark}{ago:>6} ", Meaning.FAINT),
        (_name(run.job, name, view), Meaning.STRONG if run.dead_letter else Meaning.FAINT),
        (f" {how or 'failed':10}", meaning),
    ]
    if with_more:
        reason = shown(local_words(reason_beside_outcome(run), now), ascii_only=view.ascii_only)
        spans.append((f" {to_text(run.id)} {reason}", Meaning.FAINT))
    return tuple(spans)


def _missed(one: MissedStarts, now: int, view: View, name: int) -> Line:
    since = relative(one.since, now).removesuffix(" ago")
    return (
        (f" {since:>6} ", Meaning.FAINT),
        (_name(one.job, name, view), Meaning.STRONG),
        (f" {missed_words(one.missed)}", meaning_of(Status.MISSED)),
    )


def _name(name: str, width: int, view: View) -> str:
    text = cut(shown(name, ascii_only=view.ascii_only), width)
    return text + " " * (width - cell_width(text))
