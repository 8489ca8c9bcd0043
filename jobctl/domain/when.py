"""Instants as people write them: `2026-12-24T18:00:00+01:00`, `tomorrow 09:00`, `in 2h`, `7d`, `monday`.

The wall's clock of a zone gives every text without an offset its meaning; `now` is passed in. All instants are
milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime

from jobctl.domain.units import parse_duration
from jobctl.domain.wall_clock import DAY, LATEST, Zone, zone

EXPECTED = (
    'a time such as "2026-12-24T18:00:00+01:00", "2026-12-24 18:00", "tomorrow 09:00", "18:30", "monday 09:00", '
    '"in 2h", "2h ago", "7d" or "now"'
)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_WEEKDAYS = ("thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday")  # 1970-01-01 was a Thursday
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


class NotAnInstant(ValueError):
    """The text is no instant. `message` is one sentence, `hint` shows what would be one."""

    def __init__(self, text: str) -> None:
        self.message = f'"{text}" is not a time'
        self.hint = f"write {EXPECTED}"
        super().__init__(self.message)


class Toward(enum.Enum):
    """Where a text that does not say it points to: `7d` is a week ago for --since and in a week for --at."""

    PAST = -1
    FUTURE = 1


def parse_instant(text: str, now: int, zone_name: str, toward: Toward) -> int:
    """The instant that `text` means. NotAnInstant shows the forms; ScheduleProblem for an unknown zone.

    A time of day, or a weekday, is the nearest one in the direction. A wall time that a zone skips is the first
    minute after the gap; one that comes twice is the first.
    """
    words = " ".join(text.strip().lower().split())
    where = zone(zone_name)
    readings = (_relative(words, now, toward), _written(text.strip(), where), _wall(words, now, where, toward))
    for reading in readings:
        if reading is not None and 0 <= reading < LATEST * 1000:
            return reading
    raise NotAnInstant(text)


def _relative(words: str, now: int, toward: Toward) -> int | None:
    if words == "now":
        return now
    if re.fullmatch(r"@\d{1,11}", words):
        return int(words[1:]) * 1000
    sign, length = toward.value, words
    if words.startswith(("in ", "+")):
        sign, length = 1, words.removeprefix("in ").removeprefix("+")
    elif words.endswith(" ago") or words.startswith("-"):
        sign, length = -1, words.removesuffix(" ago").removeprefix("-")
    try:
        return now + sign * round(parse_duration(length) * 1000)
    except ValueError:
        return None


def _written(text: str, where: Zone) -> int | None:
    """A date, or a date and time, in the forms of RFC 3339 and ISO 8601."""
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        parsed = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if parsed.tzinfo is not None:
        return round(parsed.timestamp() * 1000)
    local = round(parsed.replace(tzinfo=UTC).timestamp() * 1000)  # the wall as if it followed UTC
    if not 0 <= local < LATEST * 1000:
        return None
    return where.instant(local // 1000) * 1000 + local % 1000


def _wall(words: str, now: int, where: Zone, toward: Toward) -> int | None:
    """A day by its name, a time of day, or both."""
    name, _, time = words.rpartition(" ")
    second = _second_of_day(time)
    if second is None:
        name, second = words or "nothing", 0
    today = where.local(now // 1000) // DAY
    if name in _DAYS:
        return where.instant((today + _DAYS[name]) * DAY + second) * 1000
    if name in _WEEKDAYS or any(len(name) == 3 and day.startswith(name) for day in _WEEKDAYS):
        wanted = next(index for index, day in enumerate(_WEEKDAYS) if day.startswith(name))
        return _nearest([day for day in range(today - 7, today + 8) if day % 7 == wanted], second, now, where, toward)
    if not name:
        return _nearest(range(today - 1, today + 2), second, now, where, toward)
    return None


def _second_of_day(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0) if match else None


def _nearest(days: range | list[int], second: int, now: int, where: Zone, toward: Toward) -> int:
    instants = [where.instant(day * DAY + second) * 1000 for day in days]
    if toward is Toward.FUTURE:
        return min(instant for instant in instants if instant > now)
    return max(instant for instant in instants if instant <= now)
