"""One run for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl.cli.render.console import Console
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import (
    code_words,
    counted,
    cpu_words,
    full_time,
    local_words,
    meaning_of,
    origin_words,
    outcome_words,
    progress_bar,
    reason_beside_outcome,
    relative,
    short_time,
    size_words,
    status_words,
    storage_words,
    took,
)
from jobctl.domain.run import AttemptState, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.run_detail import AttemptDetail, RunDetail
from jobctl.store.records import Event

if TYPE_CHECKING:
    from jobctl.process.usage import Usage  # the process table, for runs that run only


def print_run(console: Console, detail: RunDetail, now: int) -> None:
    """The run, its times and resources, and its attempts."""
    run = detail.run
    title = f"{console.style(to_text(run.id), Meaning.FAINT)}  {console.style(run.job, Meaning.STRONG)}"
    console.print(f"{title}  {console.style(outcome_words(run), meaning_of(run.status))}")
    console.print()
    facts = [
        *_why(run, now, detail.waits),
        *_family(detail),
        *_times(run, now, detail.timeout),
        *_resources(run, detail),
        *_payload(run),
    ]
    print_facts(console, facts)
    if detail.attempts:
        print_heading(console, "Attempts")
        console.table(_attempt_columns(detail.attempts, now))
    if detail.events:
        print_heading(console, "What people did")
        console.table(_event_columns(detail.events, now), header=False)


def _event_columns(events: tuple[Event, ...], now: int) -> list[Column]:
    return [
        Column("AT", [short_time(one.at, now) for one in events], [Meaning.FAINT] * len(events)),
        Column("WHO", [one.actor for one in events]),
        Column("WHAT", [one.action for one in events]),
        Column("DETAIL", [one.detail or "" for one in events], rank=1, least=16),
    ]


def _why(run: Run, now: int, waits_for: str | None) -> list[Fact]:
    slot = f", for {full_time(run.slot * 1000)}" if run.slot is not None else ""
    waits = waits_for or ""
    if run.status in (Status.SCHEDULED, Status.RETRYING):
        waits = f"until {full_time(run.due_at)} ({relative(run.due_at, now)})"
    return [
        ("Reason", local_words(reason_beside_outcome(run), now), meaning_of(run.status)),
        ("Why", f"{origin_words(run.origin)}{slot}"),
        ("Waits", waits, Meaning.DOUBTFUL),
        ("Stopping", "asked to stop, not ended yet" if run.cancel_signal is not None else ""),
        ("Dead letter", "yes: no attempt is left and nothing made up for it" if run.dead_letter else ""),
        ("Kept", "whatever the retention says" if run.keep else ""),
    ]


def _family(detail: RunDetail) -> list[Fact]:
    """What started it, the newest end first, and what its ends started."""
    parents = (f"{to_text(end.run_id)} {end.job} {status_words(end.status)}" for end in detail.parents)
    children = (f"{to_text(run.id)} {run.job} {outcome_words(run)}" for run in detail.children)
    return [("After", "\n".join(parents)), ("Then", "\n".join(children))]


def _times(run: Run, now: int, timeout: float | None) -> list[Fact]:
    running = run.status is Status.RUNNING
    duration = took(run.started_at, now if running else run.finished_at)
    if timeout is not None and duration:
        duration += f" (timeout {format_duration(timeout)})"
    wait = "" if run.wait is None else f", {format_duration(run.wait / 1000)} after it was due"
    budget = f"{run.attempt} of {run.max_attempts}" if run.attempt and (run.max_attempts > 1 or run.attempt > 1) else ""
    return [
        (
            "Made",
            full_time(run.created_at) if run.started_at is None or run.started_at >= run.created_at + 1000 else "",
        ),
        ("Started", f"{full_time(run.started_at)}{wait}" if run.started_at is not None else ""),
        ("Ended", full_time(run.finished_at) if run.finished_at is not None else ""),
        ("Took", f"{duration} so far" if running and duration else duration),
        ("Attempt", budget),
        ("Progress", _progress(run)),
    ]


def _progress(run: Run) -> str:
    if run.progress is None:
        return ""
    return f"{progress_bar(run.progress)} {run.progress:.0f}%" + (f"  {run.message}" if run.message else "")


def _resources(run: Run, detail: RunDetail) -> list[Fact]:
    kept = detail.attempts[-1].log_kept if detail.attempts else None
    return [
        ("Now", _use_words(detail.use) if detail.use is not None else ""),
        ("CPU", cpu_words(run.cpu_seconds)),
        ("Memory", f"{format_size(run.max_rss_bytes)} at most" if run.max_rss_bytes is not None else ""),
        ("Storage", storage_words(run.read_bytes, run.written_bytes)),
        ("Log", _log_words(run.log_bytes, kept)),
        ("Queue", f"{run.queue}, priority {run.priority}"),
    ]


def _use_words(use: Usage) -> str:
    """Of the attempt that runs; the other figures are those of attempts that have ended."""
    cpu = f"{format_duration(use.cpu_seconds)} of CPU time so far"
    return f"{counted(use.processes, 'process', 'processes')} with {format_size(use.rss_bytes)} of memory, {cpu}"


def _log_words(written: int | None, kept: int | None) -> str:
    if written is None:
        return ""
    return format_size(written) if kept is None else f"{format_size(kept)} kept of {format_size(written)}"


def _payload(run: Run) -> list[Fact]:
    return [("Key", run.key or ""), ("Params", run.params or ""), ("Result", run.result or "")]


def _attempt_columns(attempts: tuple[AttemptDetail, ...], now: int) -> list[Column]:
    all_of = [one.attempt for one in attempts]
    meanings = [meaning_of(one.status or Status.RUNNING) for one in all_of]
    return [
        Column("#", [str(one.number) for one in all_of], right=True),
        Column("STATUS", [_attempt_status(one) for one in attempts], meanings),
        Column("STARTED", [short_time(one.started_at, now) for one in all_of]),
        Column("TOOK", [took(one.started_at, one.finished_at or now) for one in all_of], right=True),
        Column("EXIT", [code_words(one.exit_code, one.signal).removeprefix("exit ") for one in all_of]),
        Column("PID", [str(one.pid or "") for one in all_of], right=True, rank=4),
        Column("CPU", [cpu_words(one.cpu_seconds) for one in all_of], right=True, rank=3),
        Column("MEMORY", [size_words(one.max_rss_bytes) for one in all_of], right=True, rank=3),
        Column("ERROR", [one.error or "" for one in all_of], rank=2, least=16),
        Column("LOG", [str(one.log or "") for one in attempts], rank=5),
    ]


def _attempt_status(one: AttemptDetail) -> str:
    if one.attempt.status is not None:
        return status_words(one.attempt.status)
    return "unsupervised" if one.attempt.state is AttemptState.UNSUPERVISED else one.attempt.state.name.lower()
