"""What a message about an alert says, for people and for programs. Pure; times are said in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from jobctl.domain.alert import Alert, AlertKind, Telling
from jobctl.domain.excerpt import WIDEST
from jobctl.domain.notice import Notice
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, said

WROTE_NOTHING = "It wrote nothing."


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as every kind of channel needs it: `document` is JSON for programs."""

    subject: str
    text: str
    document: dict[str, object]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a message tells of the run that an alert is about. Secrets are masked in `output` already."""

    run: str  # its id as people write it
    exit_code: int | None
    signal: int | None
    started_at: int | None
    finished_at: int | None
    output: Sequence[str]  # the last lines of its log
    has_log: bool = True  # False: it was never started
    wrote_nothing: bool = False  # it has ended and never wrote a byte


def message_of(notice: Notice, host: str, facts: RunFacts | None, call: str = "jobctl") -> Message:
    """About one alert. Commands begin with `call`, as a shell takes it: it names the places that are not customary."""
    alert = notice.alert
    subject = f"[jobctl] {_headline(notice)} ({host})"
    lines = [f"{_headline(notice)} on {host}", "", *_facts(notice, facts)]
    if facts is not None and facts.output and not notice.telling.is_end:
        lines += ["", "The last lines of its output:", *(f"    {line[:WIDEST]}" for line in facts.output)]
    elif facts is not None and facts.wrote_nothing and not notice.telling.is_end:
        lines += ["", WROTE_NOTHING]
    commands = commands_of(notice, facts, call)
    lines += ["", *(f"    {command}" for command in commands)]
    document: dict[str, object] = {
        "text": "\n".join(lines),
        "event": notice.telling.word,
        "host": host,
        "alert": alert_facts(alert, notice.message),
        "recovered_from": alert.message if notice.telling.is_end else None,
        "before": before_facts(notice),
        **run_facts(facts),
        "output": [line[:WIDEST] for line in facts.output] if facts is not None else [],
        "commands": commands,
    }
    return Message(subject, "\n".join(lines) + "\n", document)


def trial_message(channel: str, host: str, now: int) -> Message:
    """What `jobctl alerts test` sends."""
    text = f"This is a test of channel {channel} by jobctl on {host}, {said(now)}. Nothing is wrong."
    alert = {
        "id": None, "job": None, "kind": "test", "severity": "low", "state": "open", "opened_at": _iso(now),
        "last_at": _iso(now), "count": 1, "message": text,
    }  # fmt: skip
    document: dict[str, object] = {"text": text, "event": "test", "host": host, "channel": channel, "alert": alert}
    return Message(f"[jobctl] test of {channel} ({host})", text + "\n", document)


def alert_facts(alert: Alert, message: str) -> dict[str, object]:
    """The alert as `jobctl alerts --json` shows it; `message` is what is told of it."""
    return {
        "id": alert.id,
        "job": alert.job,
        "kind": alert.kind.word,
        "severity": alert.severity,
        "state": alert.state.word,
        "opened_at": _iso(alert.opened_at),
        "last_at": _iso(alert.last_at),
        "count": alert.count,
        "message": message,
    }


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run_facts(facts: RunFacts | None) -> dict[str, object]:
    """The run as the document of a message has it; null where there is none."""
    if facts is None:
        return {"run": None, "exit_code": None, "signal": None}
    return {"run": facts.run, "exit_code": facts.exit_code, "signal": facts.signal}


def before_facts(notice: Notice) -> dict[str, object] | None:
    """What happened before what the message tells."""
    earlier = notice.earlier
    if earlier is None:
        return None
    return {"message": earlier.message, "run": None if earlier.run_id is None else to_text(earlier.run_id)}


def before_words(notice: Notice) -> str:
    """The same for people; nothing where nothing did."""
    earlier = notice.earlier
    if earlier is None:
        return ""
    return f"{earlier.message}{'' if earlier.run_id in (None, notice.run_id) else f', run {to_text(earlier.run_id)}'}"


def _headline(notice: Notice) -> str:
    """`backup: failed`, `backup: failed, recovered`, `jobctl: cannot start`."""
    return f"{about(notice.alert)}: {notice.alert.kind.word.replace('_', ' ')}{suffix(notice.telling)}"


def about(alert: Alert) -> str:
    """What the alert is about, where nothing else says whether that is a job or a channel."""
    if alert.kind is AlertKind.NOTIFY_FAILED:
        return f"channel {alert.subject}"
    return alert.job or ("host" if alert.kind.is_of_host else "jobctl")


def which_run(notice: Notice) -> str:
    """What follows the run where it is not the one that the alert is about."""
    of_job = notice.alert.kind is AlertKind.NO_SUCCESS and not notice.telling.is_end
    return " (the last that failed)" if of_job else ""


def suffix(telling: Telling) -> str:
    """What follows the kind of an alert in a headline."""
    return {Telling.OPENED: "", Telling.AGAIN: ", still"}.get(telling, f", {telling.word}")


def _facts(notice: Notice, facts: RunFacts | None) -> list[str]:
    alert = notice.alert
    times = f" ({alert.count} times so far)" if alert.count > 1 else ""
    known = [
        ("What", notice.message),
        ("Before", before_words(notice)),
        ("Severity", alert.severity),
        ("Since", f"{said(alert.opened_at)}{times}"),
        (
            "Over",
            f"after {format_duration((notice.made_at - alert.opened_at) // 1000)}" if notice.telling.is_end else "",
        ),
        ("Job", alert.job or ""),
        ("Run", f"{facts.run}{which_run(notice)}" if facts is not None else ""),
        ("Started", said(facts.started_at) if facts is not None and facts.started_at is not None else ""),
        ("Ended", said(facts.finished_at) if facts is not None and facts.finished_at is not None else ""),
        ("Exit code", str(facts.exit_code) if facts is not None and facts.exit_code is not None else ""),
    ]
    return [f"{label:<11}{value}" for label, value in known if value]


def commands_of(notice: Notice, facts: RunFacts | None, call: str) -> list[str]:
    """What shows more, and what keeps it from being told again."""
    shown = shows(notice, facts, call)
    return shown if notice.telling.is_end else [*shown, f"{call} alerts ack {notice.alert.id}"]


def shows(notice: Notice, facts: RunFacts | None, call: str) -> list[str]:
    """The commands that show more: of the run, of the disk, of why none started or succeeded, and of the other runs."""
    alert, shown = notice.alert, []
    if facts is not None:
        shown.append(f"{call} {'logs' if facts.has_log and not facts.wrote_nothing else 'show'} {facts.run}")
    if alert.kind in (AlertKind.DISK_LOW, AlertKind.DISK) and not notice.telling.is_end:
        shown.append(f"{call} doctor")
    if alert.job is None or notice.telling.is_end:
        return shown
    if alert.kind in (AlertKind.NO_SUCCESS, AlertKind.LATE):
        shown.append(f"{call} why {alert.job}")
    if alert.kind is AlertKind.NO_SUCCESS or alert.count > 1:
        shown.append(f"{call} history {alert.job}")
    return shown
