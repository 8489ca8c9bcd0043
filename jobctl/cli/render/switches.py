"""What `enable`, `disable`, `pause` and `resume` say."""

from __future__ import annotations

from typing import Any

from jobctl.cli.render.json import instant
from jobctl.cli.render.words import relative, short_time
from jobctl.operations.control import JobSwitch
from jobctl.store.records import Pause


def switch_document(switch: JobSwitch) -> dict[str, Any]:
    """A job after `enable` or `disable`."""
    return {
        "job": switch.job,
        "enabled": switch.enabled,
        "result": switch.result.value,
        "disabled_reason": switch.reason,
        "disabled_until": instant(switch.until),
        "next_at": instant(switch.next_at),
    }


def pause_document(pause: Pause | None, queue: str | None) -> dict[str, Any]:
    """Whether starts are held, and how."""
    return {
        "paused": pause is not None,
        "queue": queue,
        "since": instant(pause.since) if pause else None,
        "until": instant(pause.until) if pause else None,
        "by": pause.by if pause else None,
        "reason": pause.reason if pause else None,
    }


def until_words(until: int | None, now: int) -> str:
    """`until 18:30:00 (in 4h)`, or `until further notice`."""
    return "until further notice" if until is None else f"until {short_time(until, now)} ({relative(until, now)})"
