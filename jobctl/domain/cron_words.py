"""A cron expression for people: its canonical text and its meaning in words."""

from __future__ import annotations

from jobctl.domain.cron_expression import canonical_text, parse, parse_fields
from jobctl.domain.cron_field import MONTH, WEEKDAY, Field, FieldKind, Form, Piece, resolve_hashes
from jobctl.domain.cron_lint import lint
from jobctl.domain.cron_vocabulary import MONTHS, WEEKDAYS, enumerated

_LISTED_TIMES = 6  # more times of day than this are told by their fields


__all__ = ["describe", "lint", "normalise"]


def normalise(text: str) -> str:
    """The canonical five fields of an expression, preset or alias; H stays H. Raises ScheduleProblem."""
    parse(text)
    return canonical_text(parse_fields(text))


def describe(text: str, job_name: str | None = None) -> str:
    """The meaning in words, such as `at 02:30 every day`. With a job's name each H is what it draws.

    Raises ScheduleProblem.
    """
    parse(text)
    fields = parse_fields(text)
    if job_name is not None:
        fields = tuple(resolve_hashes(field, job_name) for field in fields)
    minute, hour, month_day, month, weekday = fields
    days = "" if hour.unrestricted and month_day.unrestricted and weekday.unrestricted else _days(month_day, weekday)
    words = " ".join(part for part in (_times(minute, hour), days, _months(month)) if part)
    hashed = any(piece.form is Form.HASHED for field in fields for piece in field.pieces)
    return words + (", each H drawn from the job's name" if hashed else "")


def _times(minute: Field, hour: Field) -> str:
    if _is_plain(minute) and _is_plain(hour) and len(minute.values()) * len(hour.values()) <= _LISTED_TIMES:
        return "at " + enumerated([f"{h:02}:{m:02}" for h in hour.values() for m in minute.values()])
    step = _minute_step(minute)
    if step:
        every = "every minute" if step == 1 else f"every {step} minutes"
        if _is_span(hour, every_hour=True):
            return every + _span(hour, 0, minute.values()[-1])
        return f"{every} of {_hours(hour)}"
    if not _is_plain(minute) or len(minute.values()) > 1:
        return f"at {_counted('minute', minute)} of {_hours(hour)}"
    past = minute.values()[0]
    if hour.unrestricted:
        return "at the start of every hour" if past == 0 else f"at minute {past} of every hour"
    if _is_span(hour, every_hour=False):
        every = "every hour" if hour.pieces[0].step == 1 else f"every {hour.pieces[0].step} hours"
        return every + _span(hour, past, past)
    return f"at minute {past} of {_hours(hour)}"


def _minute_step(minute: Field) -> int:
    """The even step of `*` or `*/n`, else 0."""
    piece = minute.pieces[0]
    return piece.step if len(minute.pieces) == 1 and piece.form is Form.STAR and 60 % piece.step == 0 else 0


def _is_span(hour: Field, every_hour: bool) -> bool:
    """Whether the hours run evenly from a first to a last one; `every_hour`: without leaving one out."""
    piece = hour.pieces[0]
    if len(hour.pieces) > 1 or piece.form not in (Form.STAR, Form.RANGE):
        return False
    return len(piece.values()) > 1 and (piece.step == 1 or not every_hour)


def _span(hour: Field, first_minute: int, last_minute: int) -> str:
    if hour.unrestricted:
        return ""
    return f" from {hour.values()[0]:02}:{first_minute:02} to {hour.values()[-1]:02}:{last_minute:02}"


def _hours(hour: Field) -> str:
    return "every hour" if hour.unrestricted else _counted("hour", hour)


def _days(month_day: Field, weekday: Field) -> str:
    if month_day.unrestricted and weekday.unrestricted:
        return "every day"
    dates, days = _dates(month_day), _weekdays(weekday)
    if weekday.unrestricted:
        return f"on {dates}"
    if month_day.unrestricted:
        return f"on {days}"
    if month_day.starred or weekday.starred:
        return f"on {dates} if it is also {days}"
    return f"on {dates} and also on {days}"


def _dates(field: Field) -> str:
    special = {Form.LAST_DAY: "the last day of the month", Form.LAST_WORKDAY: "the last weekday of the month"}
    named = [
        special.get(piece.form, f"the weekday nearest to day {piece.low}")
        for piece in field.pieces
        if piece.form in (*special, Form.NEAREST_WORKDAY)
    ]
    numbered = [piece for piece in field.pieces if piece.form in (Form.STAR, Form.RANGE, Form.HASHED)]
    if numbered:
        named.insert(0, _counted("day", Field(field.kind, tuple(numbered))))
    return enumerated(named)


def _weekdays(field: Field) -> str:
    return enumerated(list(dict.fromkeys(part for piece in field.pieces for part in _weekday(piece))))


def _weekday(piece: Piece) -> list[str]:
    if piece.form is Form.NTH_WEEKDAY:
        return [f"the {_ordinal(piece.step)} {WEEKDAYS[piece.low]} of the month"]
    if piece.form is Form.LAST_WEEKDAY:
        return [f"the last {WEEKDAYS[piece.low]} of the month"]
    if piece.form is Form.STAR:
        return [WEEKDAYS[value] for value in piece.values() if value < len(WEEKDAYS)]
    return _values(WEEKDAY, piece)


def _months(field: Field) -> str:
    return "" if field.unrestricted else "in " + enumerated(_numbers(field))


def _counted(unit: str, field: Field) -> str:
    """`minute 5`, `minutes 5 and 10 to 20`."""
    single = len(field.pieces) == 1 and field.pieces[0].low == field.pieces[0].high
    hashed = len(field.pieces) == 1 and field.pieces[0].form is Form.HASHED and field.pieces[0].step == 0
    return f"{unit} {enumerated(_numbers(field))}" if single or hashed else f"{unit}s {enumerated(_numbers(field))}"


def _numbers(field: Field) -> list[str]:
    return [part for piece in field.pieces for part in _values(field.kind, piece)]


def _values(kind: FieldKind, piece: Piece) -> list[str]:
    if piece.form is Form.HASHED:
        return [Field(kind, (piece,)).text]
    if piece.step == 1 and piece.high - piece.low > 1:
        high = piece.high - 1 if kind is WEEKDAY and piece.high - piece.low == 7 else piece.high  # Sunday is 0 and 7
        return [f"{_value(kind, piece.low)} to {_value(kind, high)}"]
    return [_value(kind, value) for value in piece.values()]


def _value(kind: FieldKind, value: int) -> str:
    if kind is WEEKDAY:
        return WEEKDAYS[value % 7]
    return MONTHS[value - 1] if kind is MONTH else str(value)


def _is_plain(field: Field) -> bool:
    """Whether the field is a list of single values."""
    return all(piece.form is Form.RANGE and piece.low == piece.high for piece in field.pieces)


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
