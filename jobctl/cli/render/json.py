"""JSON as scripts rely on it: PRODUCT.md, section 4. Times RFC 3339 in UTC, durations seconds, sizes bytes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from jobctl.domain.run import Attempt, Run, RunEnd
from jobctl.domain.run_id import to_text
from jobctl.errors import Problem
from jobctl.store.records import Event, JobRow

if TYPE_CHECKING:
    from jobctl.process.usage import Usage


def dumps(document: object) -> str:
    """One document on one line."""
    import json  # 2 ms that screens need not pay

    return json.dumps(document, ensure_ascii=False, separators=(", ", ": "))


def instant(at: int | None) -> str | None:
    """`2026-11-22T18:00:00.250Z`; whole seconds without a fraction. `at` in milliseconds since the epoch."""
    if at is None:
        return None
    seconds, millis = divmod(at, 1000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{millis:03d}Z" if millis else f"{text}Z"


def run_document(run: Run) -> dict[str, Any]:
    """A run, as every verb shows it."""
    return {
        "id": to_text(run.id),
        "job": run.job,
        "status": run.status.word,
        "origin": run.origin.word,
        "reason": run.reason,
        "scheduled_for": instant(run.slot * 1000 if run.slot is not None else None),
        "created_at": instant(run.created_at),
        "started_at": instant(run.started_at),
        "finished_at": instant(run.finished_at),
        "duration": _seconds_between(run.started_at, run.finished_at),
        "wait": run.wait / 1000 if run.wait is not None else None,
        "exit_code": run.exit_code,
        "signal": run.signal,
        "attempt": run.attempt,
        "max_attempts": run.max_attempts,
        "priority": run.priority,
        "queue": run.queue,
        "params": _embedded(run.params),
        "key": run.key,
        "result": _embedded(run.result),
        "progress": run.progress,
        "message": run.message,
        "parent_id": to_text(run.parent_id) if run.parent_id is not None else None,
        "cpu_seconds": run.cpu_seconds,
        "max_rss_bytes": run.max_rss_bytes,
        "log_bytes": run.log_bytes,
        "dead_letter": run.dead_letter,
        "keep": run.keep,
        "read_bytes": run.read_bytes,
        "written_bytes": run.written_bytes,
    }


def attempt_document(attempt: Attempt, log_path: str | None) -> dict[str, Any]:
    """One process execution of a run; its status is `running` before it has ended."""
    return {
        "number": attempt.number,
        "status": attempt.status.word if attempt.status is not None else "running",
        "started_at": instant(attempt.started_at),
        "finished_at": instant(attempt.finished_at),
        "exit_code": attempt.exit_code,
        "signal": attempt.signal,
        "error": attempt.error,
        "pid": attempt.pid,
        "cpu_seconds": attempt.cpu_seconds,
        "max_rss_bytes": attempt.max_rss_bytes,
        "log_path": log_path,
        "read_bytes": attempt.read_bytes,
        "written_bytes": attempt.written_bytes,
    }


def use_document(use: Usage) -> dict[str, Any]:
    """What a running attempt uses now."""
    return {
        "cpu_seconds": use.cpu_seconds,
        "rss_bytes": use.rss_bytes,
        "processes": use.processes,
        "read_bytes": use.read_bytes,
        "written_bytes": use.written_bytes,
    }


def end_document(end: RunEnd) -> dict[str, Any]:
    """The end of a run that another one comes after."""
    return {"id": to_text(end.run_id), "job": end.job, "status": end.status.word}


def relative_document(run: Run) -> dict[str, Any]:
    """A run as another one names it."""
    return {"id": to_text(run.id), "job": run.job, "status": run.status.word}


def job_document(row: JobRow, last_run: dict[str, Any] | None) -> dict[str, Any]:
    """A job in a listing. `last_run` is what `last_run_document` or `run_document` makes of its last run."""
    return {
        "name": row.name,
        "description": row.description,
        "group": row.group or None,
        "tags": list(row.tags),
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason,
        "disabled_until": instant(row.disabled_until),
        "schedule": row.schedule or None,
        "timezone": row.timezone,
        "next_at": instant(row.next_at),
        "running": row.running,
        "queued": row.queued,
        "last_run": last_run,
        "streak": row.streak,
        "command": row.command,
        "queue": row.queue,
        "priority": row.priority,
        "missed": row.missed,
        "missed_since": instant(row.missed_since),
    }


def last_run_document(row: JobRow) -> dict[str, Any] | None:
    """The last run as far as a listing knows it."""
    if row.last_run_id is None:
        return None
    return {
        "id": to_text(row.last_run_id),
        "status": row.last_status.word if row.last_status is not None else None,
        "started_at": instant(row.last_started_at),
        "finished_at": instant(row.last_finished_at),
        "duration": _seconds_between(row.last_started_at, row.last_finished_at),
    }


def event_document(event: Event) -> dict[str, Any]:
    """Something that a person did."""
    return {
        "at": instant(event.at),
        "actor": event.actor,
        "action": event.action,
        "job": event.job,
        "run_id": to_text(event.run_id) if event.run_id is not None else None,
        "detail": event.detail,
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """A problem of the jobs file; line and column are null where it concerns the file as a whole, the file, too, where
    it is in no file yet."""
    return {
        "severity": problem.severity.value,
        "file": problem.file or None,
        "line": problem.line or None,
        "column": problem.column or None,
        "key": problem.key or None,
        "message": problem.message,
        "hint": problem.hint or None,
    }


def _seconds_between(start: int | None, end: int | None) -> float | None:
    return (end - start) / 1000 if start is not None and end is not None else None


def _embedded(text: str | None) -> Any:
    """Stored JSON as JSON; what a job wrote that is none stays text."""
    if text is None:
        return None
    import json  # as above

    try:
        return json.loads(text)
    except ValueError:
        return text
