"""The same once, for a pipe, a file or a terminal that cannot be drawn on."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.console import Console
from jobctl.cli.render.runs import run_columns
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.sparkline import sparkline
from jobctl.cli.render.status_screen import counts_words, daemon_meaning, daemon_words, missed_columns, queue_words
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.top.view import View, arranged
from jobctl.cli.render.words import meaning_of, relative, short_time
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.running_attempts import RunningAttempt
from jobctl.operations.top import HostUse, Snapshot

_SHOWN = 10
_MINUTES = 60


def print_top(console: Console, snapshot: Snapshot, view: View) -> None:
    """The daemon, the machine, what runs, what is next, what failed."""
    stored, now = snapshot.stored, snapshot.at
    minutes = stored.minutes[-_MINUTES:]
    ended = f"{sparkline(minutes, plain=console.is_plain)} {sum(minutes):,} in the last hour"
    facts: list[Fact] = [
        ("Daemon", daemon_words(stored.daemon, now), daemon_meaning(stored.daemon)),
        ("CPU", _processors(snapshot.host)),
        ("Memory", _memory(snapshot.host)),
        ("Load", " ".join(f"{load:.2f}" for load in snapshot.host.load)),
        ("Disk", f"{format_size(snapshot.host.disk_free)} of {format_size(snapshot.host.disk_total)} free"),
        ("Runs", counts_words(snapshot.counts)),
        ("Ended", ended),
        *(("Queue", queue_words(one, now)) for one in stored.queues if one.waiting or one.running),
    ]
    print_facts(console, facts)
    if snapshot.running:
        print_heading(console, "Running", meaning_of(Status.RUNNING))
        console.table(_running_columns(arranged(snapshot, view)))
    if stored.next:
        print_heading(console, "Next")
        first = stored.next[:_SHOWN]
        console.table(
            [
                Column("AT", [short_time(one.at, now) for one in first]),
                Column("IN", [relative(one.at, now) for one in first], [Meaning.FAINT] * len(first)),
                Column("JOB", [one.job for one in first], [Meaning.STRONG] * len(first), least=14),
                Column("WHY", [one.reason for one in first], rank=1, least=11),
            ],
            header=False,
        )
    if stored.failed:
        print_heading(console, "Failed", meaning_of(Status.FAILED))
        console.table(run_columns(stored.failed[:_SHOWN], now), header=False)
    if stored.missed:
        print_heading(console, "Missed, and not started since", meaning_of(Status.MISSED))
        console.table(missed_columns(stored.missed[:_SHOWN], now), header=False)


def _running_columns(rows: Sequence[RunningAttempt]) -> list[Column]:
    return [
        Column("RUN", [to_text(one.run.id) for one in rows], [Meaning.FAINT] * len(rows)),
        Column("JOB", [one.run.job for one in rows], [Meaning.STRONG] * len(rows), least=14),
        Column("CPU", ["" if one.cpu_percent is None else f"{one.cpu_percent:.0f}%" for one in rows], right=True),
        Column("MEMORY", [_size(one.rss_bytes) for one in rows], right=True),
        Column("READ/s", [_size(one.read_rate) for one in rows], right=True, rank=5),
        Column("WRITE/s", [_size(one.write_rate) for one in rows], right=True, rank=5),
        Column("TIME", [_seconds(one.elapsed) for one in rows], right=True),
        Column("USUAL", [_seconds(one.usual) for one in rows], right=True, rank=2),
        Column("ETA", [_eta(one.remaining) for one in rows], right=True, rank=1),
        Column("DONE", [_percent(one.run.progress) for one in rows], right=True, rank=1),
        Column("PID", [str(one.pid or "") for one in rows], right=True, rank=4),
        Column("MESSAGE", [_message(one) for one in rows], rank=3, least=12),
    ]


def _message(one: RunningAttempt) -> str:
    return " ".join(word for word in ("stopping" if one.is_stopping else "", one.run.message or "") if word)


def _processors(host: HostUse) -> str:
    if not host.cores:
        return ""
    each = " ".join(f"{core:.0f}%" for core in host.cores[:32])
    return f"{sum(host.cores) / len(host.cores):.0f}% ({each})"


def _memory(host: HostUse) -> str:
    if host.memory_total is None or host.memory_available is None:
        return ""
    return f"{format_size(host.memory_total - host.memory_available)} of {format_size(host.memory_total)} in use"


def _size(count: float | None) -> str:
    return format_size(round(count)) if count else ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0f}%"


def _eta(seconds: float | None) -> str:
    return "" if seconds is None else _seconds(seconds) if seconds >= 0 else f"+{_seconds(-seconds)}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(int(seconds) if seconds >= 1 else round(seconds, 1))
