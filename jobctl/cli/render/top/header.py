"""The head of the screen: the daemon, the machine, the counts."""

from __future__ import annotations

from jobctl.cli.render.sparkline import sparkline
from jobctl.cli.render.status_screen import counts_words, daemon_meaning, daemon_words
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.top.line import Line, Span, bar, fit, shown, width_of
from jobctl.cli.render.top.view import View
from jobctl.cli.render.words import counted, short_time
from jobctl.domain.run import Status
from jobctl.domain.units import format_size
from jobctl.operations.queues import QueueState
from jobctl.operations.top import HostUse, Snapshot

_CELL = 18  # columns for a processor of its own
_LEFT_OUT_FIRST = (
    Status.SUCCEEDED, Status.SKIPPED, Status.CANCELLED, Status.SCHEDULED, Status.QUEUED, Status.RUNNING,
    Status.RETRYING,
)  # fmt: skip
_BLOCKS = "▁▂▃▄▅▆▇█"


def header(snapshot: Snapshot, view: View, width: int, height: int) -> list[Line]:
    """As many lines as a screen of this height can spare."""
    lines = [_title(snapshot, view, width)]
    if height >= 8:
        lines.append(_counts(snapshot, width))
    if height >= 12:
        lines += [*_processors(snapshot.host, width, 1 if height < 30 else 4), _memory(snapshot.host, width)]
    if height >= 18:
        lines.append(_per_minute(snapshot, width))
    notes = [*_pauses(snapshot), *snapshot.stored.notes]
    if notes and height >= 10:
        lines += [((shown(note, ascii_only=view.ascii_only), Meaning.DOUBTFUL),) for note in notes[: height // 10]]
    return lines


def queue_line(snapshot: Snapshot, view: View) -> Line:
    """The queues in one line, those first in which runs wait: `mail 4/4 +12 waiting`."""
    queues = sorted(snapshot.stored.queues, key=lambda queue: -queue.waiting)
    said = ", ".join(map(_queue_words, queues)) or "empty"
    return (("Queues ", Meaning.FAINT), (shown(said, ascii_only=view.ascii_only), Meaning.PLAIN))


def _queue_words(queue: QueueState) -> str:
    at_most = f"/{queue.max_concurrent}" if queue.max_concurrent is not None else ""
    waiting = f" +{queue.waiting:,} waiting" if queue.waiting else ""
    return f"{queue.name} {queue.running}{at_most}{waiting}{' paused' if queue.pause is not None else ''}"


def _title(snapshot: Snapshot, view: View, width: int) -> Line:
    daemon = snapshot.stored.daemon
    state = f"daemon {daemon_words(daemon, snapshot.at)}"
    left: Line = (
        ("jobctl", Meaning.STRONG),
        (f" {shown(snapshot.host.name, ascii_only=view.ascii_only)}  ", Meaning.PLAIN),
        (state, Meaning.BAD if daemon.draining_at is not None else daemon_meaning(daemon)),
    )
    time = short_time(snapshot.at, snapshot.at)
    right: Line = ((f"frozen at {time}" if view.is_frozen else time, _time_meaning(view)),)
    room = width - width_of(right) - 1
    return (*fit(left, room), (" ", Meaning.PLAIN), *right) if room > 10 else left


def _time_meaning(view: View) -> Meaning:
    return Meaning.DOUBTFUL if view.is_frozen else Meaning.FAINT


def _counts(snapshot: Snapshot, width: int) -> Line:
    """What went well gives way to what went wrong where there is no room for both."""
    stored = snapshot.stored
    alerts = counted(stored.alerts, "open alert") if stored.alerts else "no open alerts"
    meaning = Meaning.BAD if stored.alerts_high else Meaning.DOUBTFUL if stored.alerts else Meaning.PLAIN
    left: Line = (
        ("Jobs ", Meaning.FAINT),
        (f"{stored.daemon.jobs:,}  ", Meaning.PLAIN),
        (alerts, meaning),
        ("  Runs ", Meaning.FAINT),
    )
    return (*left, (_counts_that_fit(snapshot.counts, width - width_of(left)), Meaning.PLAIN))


def _counts_that_fit(counts: dict[Status, int], room: int) -> str:
    shown_counts = {status: count for status, count in counts.items() if count}
    for harmless in _LEFT_OUT_FIRST:
        if len(counts_words(shown_counts)) <= room or len(shown_counts) == 1:
            break
        shown_counts.pop(harmless, None)
    return counts_words(shown_counts)


def _processors(host: HostUse, width: int, most_rows: int) -> list[Line]:
    """A bar for each, or, where there are too many, a sign for each."""
    label: Span = ("CPU  ", Meaning.FAINT)
    if not host.cores:
        return [(label, ("measuring", Meaning.FAINT))]
    in_row = max(1, (width - 5) // _CELL)
    if len(host.cores) > in_row * most_rows:
        mean = sum(host.cores) / len(host.cores)
        signs = "".join(_BLOCKS[min(7, int(core * 8 / 100))] for core in host.cores)
        return [(label, (f"{mean:3.0f}% ", Meaning.PLAIN), (signs, _busy(mean)))]
    rows = -(-len(host.cores) // in_row)
    in_row = -(-len(host.cores) // rows)
    cells = max(4, min(30, (width - 5) // in_row - 10))
    lines: list[Line] = []
    for row in range(rows):
        spans: list[Span] = [label if row == 0 else ("     ", Meaning.FAINT)]
        for number in range(row * in_row, min((row + 1) * in_row, len(host.cores))):
            core = host.cores[number]
            spans += [(f"{number:2} ", Meaning.FAINT), (bar(core / 100, cells), _busy(core))]
            spans.append((f" {core:3.0f}%  ", Meaning.PLAIN))
        lines.append(tuple(spans))
    return lines


def _busy(percent: float) -> Meaning:
    return Meaning.BAD if percent >= 90 else Meaning.DOUBTFUL if percent >= 70 else Meaning.GOOD


def _memory(host: HostUse, width: int) -> Line:
    spans: list[Span] = []
    if host.memory_total and host.memory_available is not None:
        used = host.memory_total - host.memory_available
        share = used / host.memory_total
        spans += [("Mem  ", Meaning.FAINT), (bar(share, 8 if width < 100 else 16), _busy(100 * share))]
        spans.append((f" {format_size(used)} of {format_size(host.memory_total)}  ", Meaning.PLAIN))
    if host.swap_total and host.swap_free is not None and width >= 110:
        swapped = f"{format_size(host.swap_total - host.swap_free)} of {format_size(host.swap_total)}  "
        spans += [("Swap ", Meaning.FAINT), (swapped, Meaning.PLAIN)]
    loads = " ".join(f"{load:.2f}" for load in host.load)
    spans += [("Load ", Meaning.FAINT), (f"{loads}  ", Meaning.PLAIN)]
    full = 100 - 100 * host.disk_free / host.disk_total if host.disk_total else 0.0
    spans += [
        ("Disk ", Meaning.FAINT),
        (f"{format_size(host.disk_free)} free", Meaning.BAD if full > 95 else Meaning.PLAIN),
    ]
    if width >= 100:
        spans.append((f" of {format_size(host.disk_total)}", Meaning.PLAIN))
    return tuple(spans)


def _per_minute(snapshot: Snapshot, width: int) -> Line:
    minutes = snapshot.stored.minutes
    said = f"  {minutes[-1]:,} ended in this minute, {sum(minutes[-60:]):,} in an hour"
    shown_minutes = minutes[-max(10, min(len(minutes), width - len(said) - 9)) :]
    return (
        ("Runs/min ", Meaning.FAINT),
        (sparkline(shown_minutes), Meaning.BUSY),
        (said, Meaning.PLAIN),
    )


def _pauses(snapshot: Snapshot) -> list[str]:
    everything = [pause for pause in snapshot.stored.pauses if pause.queue is None]
    return [
        f"all starts are held by {pause.by}{f': {pause.reason}' if pause.reason else ''} (`jobctl resume`)"
        for pause in everything
    ]
