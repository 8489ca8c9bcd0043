"""One job for a person."""

from __future__ import annotations

import re
from typing import Any

from jobctl.cli.render.console import Console
from jobctl.cli.render.json import dumps
from jobctl.cli.render.runs import run_columns
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable
from jobctl.cli.render.words import counted, full_time, next_words, relative, schedule_words, status_words
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.job_detail import JobDetail
from jobctl.store.records import JobRow

_TOLD_ABOVE = frozenset(
    {
        "command",
        "description",
        "group",
        "tags",
        "enabled",
        "schedule",
        "timezone",
        "queue",
        "priority",
        "params",
        "after",
        "after_failure",
        "after_any",
    }
)

_DURATIONS = frozenset(
    {"catch_up_window", "every", "every_after", "grace", "retry_delay", "retry_max_delay", "spread", "start_deadline",
     "timeout"}
)  # fmt: skip
_SIZES = frozenset({"max_log_size"})
_INNER_SIZES = frozenset({("limits", "memory"), ("wait_for_idle", "memory_free")})
_INNER_DURATIONS = frozenset(
    {("limits", "cpu"), ("wait_for_idle", "latest")}
    | {("alert", name) for name in ("late", "overrun", "too_fast", "no_success", "repeat")}
)
_PLAIN = re.compile(r"[\w@%+=:,./{}-]+")


def print_job(console: Console, detail: JobDetail, now: int, *, with_definition: bool = True) -> None:
    """The job, its state, its newest runs, and every setting with its default resolved."""
    row = detail.row
    described = f"  {console.writable(printable(row.description))}" if row.description else ""
    console.print(console.style(row.name, Meaning.STRONG) + described)
    console.print()
    print_facts(console, [*_removed(detail), *_state(detail, now), *_chain(detail), *_definition(detail)])
    if detail.recent:
        print_heading(console, "Runs")
        console.table(run_columns(detail.recent, now, with_job=False, with_use=True))
    if params := detail.definition.get("params"):
        print_heading(console, "Params")
        print_facts(console, [(name, _param(rules)) for name, rules in params.items()])
    if with_definition and detail.definition:
        print_heading(console, "Settings")
        settings = {key: value for key, value in detail.definition.items() if key not in _TOLD_ABOVE}
        print_facts(console, [(key, _setting(key, value)) for key, value in settings.items()])


def _removed(detail: JobDetail) -> list[Fact]:
    if detail.is_defined:
        return []
    if detail.removed_at is None:
        return [("Not defined", "a name given to `jobctl exec`: no jobs file has it")]
    words = f"{full_time(detail.removed_at)}: no jobs file defines it any more; this is what it was, and its runs"
    return [("Removed", words, Meaning.DOUBTFUL)]


def _state(detail: JobDetail, now: int) -> list[Fact]:
    row = detail.row
    next_at = row.next_at
    next_start = "" if next_at is None else f"{full_time(next_at)} ({next_words(relative(next_at, now))})"
    streak = counted(
        abs(row.streak), "success" if row.streak > 0 else "failure", "successes" if row.streak > 0 else None
    )
    now_active = [f"{row.running} running" if row.running else "", f"{row.queued} waiting" if row.queued else ""]
    return [
        ("Disabled", "" if row.enabled or not detail.is_defined else _disabled(row), Meaning.DOUBTFUL),
        ("Schedule", schedule_words(row.schedule, row.name)),
        ("Zone", row.timezone or ""),
        ("Next", next_start),
        ("Now", ", ".join(part for part in now_active if part), Meaning.BUSY),
        ("Missed", _missed(row, now), Meaning.DOUBTFUL),
        ("Streak", f"{streak} in a row" if row.streak else "", Meaning.BAD if row.streak < 0 else Meaning.GOOD),
        ("Result", (detail.last_run.result if detail.last_run is not None else None) or ""),
    ]


def _missed(row: JobRow, now: int) -> str:
    """That the last run is not the newest thing to be told of the job."""
    if row.missed_since is None:
        return ""
    since = f"{full_time(row.missed_since)} ({relative(row.missed_since, now)})"
    how_many = "the start of" if row.missed == 1 else f"{row.missed:,} starts in a row, since"
    return f"{how_many} {since}: it has not begun since then (`jobctl why {row.name}`)"


def _chain(detail: JobDetail) -> list[Fact]:
    """What comes after it, and which of its own parents have ended already where it waits for several."""
    then = (f"{name} ({', '.join(keys)})" for name, keys in detail.followers.items())
    arrived = (f"{end.job} {status_words(end.status)} ({to_text(end.run_id)})" for end in detail.arrived)
    return [("Arrived", ", ".join(arrived)), ("Then", ", ".join(then))]


def _disabled(row: JobRow) -> str:
    if row.disabled_by is None:
        return f"by `enabled = false` in {row.file}:{row.line}"
    until = f" until {full_time(row.disabled_until)}" if row.disabled_until is not None else ""
    return f"by {row.disabled_by}{until}" + (f": {row.disabled_reason}" if row.disabled_reason else "")


def _definition(detail: JobDetail) -> list[Fact]:
    row = detail.row
    return [
        ("Command", _command(detail.definition.get("command", row.command))),
        ("Group", row.group),
        ("Tags", ", ".join(row.tags)),
        ("Queue", f"{row.queue}, priority {row.priority}" if detail.definition else ""),
        ("Defined in", _place(detail)),
    ]


def _place(detail: JobDetail) -> str:
    row = detail.row
    if not row.file:
        return ""
    return f"{row.file}:{row.line}" + ("" if detail.is_defined else ", until it was removed there")


def _command(command: str | list[str]) -> str:
    """As a shell would take it; a list with its elements quoted where they need it, line breaks and all."""
    if isinstance(command, str):
        return command
    return " ".join(part if _PLAIN.fullmatch(part) else "'" + part.replace("'", "'\\''") + "'" for part in command)


def _param(rules: dict[str, Any]) -> str:
    """What a run may be given: `integer, 1 to 9, default 1: how many`."""
    words = [rules["type"], "required" if rules["required"] else ""]
    words.append(" | ".join(dumps(choice) for choice in rules["choices"]))
    words.append(f"a match of {rules['pattern']}" if rules["pattern"] is not None else "")
    words.append(_bounds(rules["minimum"], rules["maximum"]))
    if length := _bounds(rules["min_length"], rules["max_length"]):
        words.append(f"{length} {'elements' if rules['type'] == 'list' else 'characters'}")
    words.append(f"default {dumps(rules['default'])}" if rules["default"] is not None else "")
    told = ", ".join(word for word in words if word)
    return f"{told}: {rules['description']}" if rules["description"] else told


def _bounds(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:.15g}" if high is not None else ""
    return f"{low:.15g} to {high:.15g}" if high is not None else f"at least {low:.15g}"


def _setting(key: str, value: Any) -> str:
    """A value as the jobs file writes it; nothing for what is not set, but that a run may take for ever is told."""
    if key == "timeout" and value is None:
        return "none"
    if key in _DURATIONS and value is not None:
        return format_duration(value)
    if key in _SIZES and value is not None:
        return format_size(value)
    if isinstance(value, dict):
        value = {name: _inner(key, name, inner) for name, inner in value.items() if inner is not None}
    if value is None or value in ({}, [], ""):
        return ""
    return value if isinstance(value, str) else dumps(value)


def _inner(key: str, name: str, value: Any) -> Any:
    """One value of a table: sizes and durations as such."""
    if (key, name) in _INNER_SIZES:
        return format_size(value)
    if (key, name) in _INNER_DURATIONS and isinstance(value, int | float):
        return format_duration(value)
    return value
