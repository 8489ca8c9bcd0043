"""Instants on the clock of a zone that is not the reader's own; of one that the system does not know (any more), on
the reader's."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def local_time(at: int, zone: str | None) -> str:
    """`Mon 2026-11-23 02:30 +01:00`, with seconds where there are any. `at` in milliseconds since the epoch."""
    then = _in(at, zone)
    clock = f"{then:%H:%M}" if then.second == 0 else f"{then:%H:%M:%S}"
    return f"{then:%a %Y-%m-%d} {clock} {then.isoformat()[-6:]}"


def local_iso(at: int, zone: str | None) -> str:
    """`2026-11-23T02:30:00+01:00`; without a zone on the reader's own clock."""
    return _in(at, zone).isoformat()


def _in(at: int, zone: str | None) -> datetime:
    then = datetime.fromtimestamp(at // 1000, UTC)
    try:
        return then.astimezone(ZoneInfo(zone) if zone is not None else None)
    except ZoneInfoNotFoundError:
        return then.astimezone()
