"""Rows of the tables `alerts` and `outbox` as the records that the rest of jobctl knows."""

from __future__ import annotations

from typing import Any

from jobctl.domain.alert import Alert, AlertKind, AlertState, Telling
from jobctl.domain.notice import Notice, NoticeState

Row = tuple[Any, ...]
_OF_NOTICE = 11  # columns of a notice, before those of its alert


def alert_of(row: Row) -> Alert:
    """A row of `alerts`."""
    fields = list(row)
    fields[1] = AlertKind(row[1])
    fields[5] = AlertState(row[5])
    return Alert(*fields)


def notice_of(row: Row) -> Notice:
    """A row of `outbox` beside that of its alert."""
    number, telling, message, run_id, made_at, channel, state, due_at, tries, done_at, error = row[:_OF_NOTICE]
    return Notice(
        id=number,
        alert=alert_of(row[_OF_NOTICE:]),
        telling=Telling(telling),
        message=message,
        run_id=run_id,
        made_at=made_at,
        channel=channel,
        state=NoticeState(state),
        due_at=due_at,
        tries=tries,
        done_at=done_at,
        error=error,
    )
