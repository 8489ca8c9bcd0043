"""Kinds of dates and instants, which TOML has types of its own for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from jobctl.config.document import Document
from jobctl.config.kinds import Kind, Schema
from jobctl.config.locate import KeyPath
from jobctl.config.names import NAME_PATTERN
from jobctl.domain.rate_limit import RateLimit

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_LIKE = r"\d+[-./]\d+[-./]\d+"


@dataclass(frozen=True)
class Instant(Kind):
    """A TOML date-time. Without an offset it is a wall-clock time of the job's zone, and stays naive here."""

    expected = "a date and time such as 2026-12-24T18:00:00+01:00"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, dt.datetime):
            return value
        hint = ""
        if isinstance(value, dt.date):
            hint = f"write the time too: {value.isoformat()}T09:00:00"
        elif isinstance(value, dt.time):
            hint = f"write the date too: 2026-12-24T{value.isoformat()}"
        elif isinstance(value, str) and _is_instant(value):
            hint = f"write {value} without quotes"
        return self.refuse(value, path, document, hint)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d"}


@dataclass(frozen=True)
class Date(Kind):
    """A calendar date, quoted or not; the domain has it as `2026-12-25`. `or_name`: a calendar may be named instead."""

    or_name: bool = False

    @property
    def expected(self) -> str:
        return 'a date such as "2026-12-25"' + (" or the name of a calendar" if self.or_name else "")

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value.isoformat()
        if not isinstance(value, str):
            return self.refuse(value, path, document)
        if self.or_name and may_name_a_calendar(value):
            return value
        if not is_date(value):
            hint = "there is no such day" if _DATE.fullmatch(value) else ""
            return self.refuse(value, path, document, hint)
        return value

    def schema(self) -> Schema:
        date = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
        name = {"type": "string", "pattern": f"^(?!{_DATE_LIKE}){NAME_PATTERN}$"}
        return {"anyOf": [date, name]} if self.or_name else date


@dataclass(frozen=True)
class Octal(Kind):
    """File permission bits as people write them."""

    expected = 'octal digits in quotes such as "027"'

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, str) and re.fullmatch(r"0?[0-7]{3}", value):
            return int(value, 8)
        return self.refuse(value, path, document)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^0?[0-7]{3}$"}


_RATE = re.compile(r"(\d{1,9})/(\d{0,6})(s|m|h|d)")
_PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Rate(Kind):
    """So many starts per time."""

    expected = 'a rate such as "30/m", "5/10s" or "1000/d"'

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        match = _RATE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) == 0 or match[2].strip("0") == "" != match[2]:
            return self.refuse(value, path, document)
        return RateLimit(int(match[1]), int(match[2] or 1) * _PERIODS[match[3]])

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\d{1,9}/\d{0,6}(s|m|h|d)$"}


def may_name_a_calendar(text: str) -> bool:
    """Whether the text is a name, and no date with a slip in it."""
    return not re.match(_DATE_LIKE, text) and bool(re.fullmatch(NAME_PATTERN, text))


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, as `2026-12-25`."""
    try:
        return bool(_DATE.fullmatch(text)) and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _is_instant(text: str) -> bool:
    try:
        return bool(dt.datetime.fromisoformat(text)) and not is_date(text)
    except ValueError:
        return False
