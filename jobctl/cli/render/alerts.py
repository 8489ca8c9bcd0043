"""Alerts in rows, and as scripts read them."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.json import instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import local_words, relative, short_time
from jobctl.domain.alert import Alert, AlertKind, AlertState
from jobctl.domain.bundling import held_until
from jobctl.domain.notice import Notice, NoticeState
from jobctl.domain.run_id import to_text

_LEAST_MESSAGE = 24
_LEAST_TOLD = 18  # of a message that was told, beside the channel
_LEAST_NAME = 10
_LEAST_DATE = len("2026-11-22…")
_LEAST_KIND = len("no success")
_SHORT_STATE = len("acknowledged…")
_OF_SEVERITY = {"high": Meaning.BAD, "medium": Meaning.DOUBTFUL, "low": Meaning.PLAIN}
_OF_STATE = {
    AlertState.OPEN: Meaning.BAD,
    AlertState.STILL_FAILING: Meaning.BAD,
    AlertState.ACKNOWLEDGED: Meaning.DOUBTFUL,
    AlertState.RECOVERED: Meaning.GOOD,
    AlertState.CLOSED: Meaning.FAINT,
}
_OF_NOTICE = {
    NoticeState.WAITING: Meaning.DOUBTFUL,
    NoticeState.SENT: Meaning.GOOD,
    NoticeState.FAILED: Meaning.BAD,
    NoticeState.KEPT: Meaning.FAINT,
}


def alert_columns(alerts: Sequence[Alert], now: int) -> list[Column]:
    """The columns of a table of alerts; `now` in milliseconds."""
    return [
        Column("ALERT", [str(one.id) for one in alerts], right=True),
        _name_column([one.about for one in alerts]),
        _kind_column([one.kind for one in alerts]),
        Column("SEVERITY", [one.severity for one in alerts], [_OF_SEVERITY[one.severity] for one in alerts], rank=1),
        _state_column(alerts),
        Column("SINCE", [short_time(one.opened_at, now) for one in alerts], rank=2),
        Column("LAST", [relative(one.last_at, now) if one.count > 1 else "" for one in alerts], rank=5),
        Column("TIMES", [f"×{one.count}" if one.count > 1 else "" for one in alerts], right=True, rank=4),
        _message_column([local_words(one.message, now) for one in alerts]),
    ]


def notice_columns(notices: Sequence[Notice], now: int) -> list[Column]:
    """The columns of what was told; `now` in milliseconds."""
    return [
        Column("WHEN", [short_time(one.done_at or one.made_at, now) for one in notices], least=_LEAST_DATE, cut_rank=1),
        Column("ALERT", [str(one.alert.id) for one in notices], right=True),
        _name_column([one.alert.about for one in notices]),
        _kind_column([one.alert.kind for one in notices]),
        Column("TOLD", [one.telling.word for one in notices]),
        Column("CHANNEL", [one.channel or "" for one in notices], rank=2),
        Column("RESULT", [one.state.word for one in notices], [_OF_NOTICE[one.state] for one in notices]),
        Column("TRY", [str(one.tries) if one.tries > 1 else "" for one in notices], right=True, rank=4),
        _message_column([_told(one, now) for one in notices], _LEAST_TOLD),
    ]


def _state_column(alerts: Sequence[Alert]) -> Column:
    """Who took note of it gives way to the message, that somebody did does not."""
    meanings = [_OF_STATE[one.state] for one in alerts]
    return Column("STATE", [_state(one) for one in alerts], meanings, least=_SHORT_STATE, cut_rank=2)


def _name_column(names: Sequence[str]) -> Column:
    """Cut once the message is as short as can be."""
    return name_column("ABOUT", names, least=_LEAST_NAME)._replace(cut_rank=2)


def _kind_column(kinds: Sequence[AlertKind]) -> Column:
    """Two alerts about one job differ in it."""
    return Column("KIND", [_words(kind.word) for kind in kinds], rank=1, least=_LEAST_KIND, cut_rank=2)


def _message_column(messages: Sequence[str], least: int = _LEAST_MESSAGE) -> Column:
    """What matters most: cut when what matters least is gone, and never left out."""
    return Column("MESSAGE", messages, least=least, cut_rank=3)


def alert_document(alert: Alert) -> dict[str, object]:
    """An alert, as every verb shows it."""
    return {
        "id": alert.id,
        "job": alert.job,
        "kind": alert.kind.word,
        "severity": alert.severity,
        "state": alert.state.word,
        "opened_at": instant(alert.opened_at),
        "last_at": instant(alert.last_at),
        "count": alert.count,
        "message": alert.message,
        "subject": alert.subject or None,
        "run_id": to_text(alert.run_id) if alert.run_id is not None else None,
        "closed_at": instant(alert.closed_at),
        "acknowledged_by": alert.acknowledged_by,
    }


def notice_document(notice: Notice) -> dict[str, object]:
    """One telling of an alert through one channel."""
    return {
        "id": notice.id,
        "alert_id": notice.alert.id,
        "job": notice.alert.job,
        "kind": notice.alert.kind.word,
        "told": notice.telling.word,
        "channel": notice.channel,
        "state": notice.state.word,
        "tries": notice.tries,
        "made_at": instant(notice.made_at),
        "next_try_at": instant(notice.due_at if notice.state is NoticeState.WAITING else None),
        "held_until": instant(held_until(notice)),
        "done_at": instant(notice.done_at),
        "message": notice.message,
        "error": notice.error,
    }


def _told(notice: Notice, now: int) -> str:
    """What was said; before that, why it was not."""
    held, message = held_until(notice), local_words(notice.message, now)
    if held is not None and held < now:
        return f"goes out after what was to be told before: {message}"
    if held is not None:
        return f"goes out by {short_time(held, now)}, gathered with others of its kind: {message}"
    if notice.error is not None and notice.state is NoticeState.WAITING:
        return f"tried again at {short_time(notice.due_at, now)}: {notice.error}"
    return notice.error or message


def _state(alert: Alert) -> str:
    words = _words(alert.state.word)
    return f"{words} by {alert.acknowledged_by}" if alert.state is AlertState.ACKNOWLEDGED else words


def _words(word: str) -> str:
    return word.replace("_", " ")
