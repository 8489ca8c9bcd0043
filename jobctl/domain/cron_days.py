"""Which calendar days a cron expression names: day of month, month and day of week together.

Days are numbered from 1970-01-01 = 0, so that `day * 86400` is local midnight in seconds of the wall clock.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache

from jobctl.domain.cron_field import Field, Form, Piece

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MONTHS_OF_A_CYCLE = range(12 * 2000, 12 * 2400)  # the Gregorian calendar repeats after 400 years


class DayRule:
    """The days of one expression. Immutable but for a memo of months already worked out.

    Both day fields restricted: a day that either names counts. One of them beginning with `*`: both must name it.
    (Debian cron, `cron.c: find_jobs` with DOM_STAR and DOW_STAR.)
    """

    __slots__ = ("_both_must", "_month_days", "_months", "_weekdays", "_worked_out")

    def __init__(self, month_days: Field, months: Field, weekdays: Field) -> None:
        self._month_days = month_days
        self._months = frozenset(months.values())
        self._weekdays = weekdays
        self._both_must = month_days.starred or weekdays.starred
        self._worked_out: dict[tuple[int, int], tuple[int, int, int]] = {}

    def matches(self, day: int) -> bool:
        first, _, mask = self._month_of(day)
        return bool(mask >> (day - first) & 1)

    def next_day(self, day: int, end: int) -> int | None:
        """The first matching day in [day, end)."""
        while day < end:
            first, length, mask = self._month_of(day)
            rest = mask >> (day - first)
            if rest:
                found = day + (rest & -rest).bit_length() - 1
                return found if found < end else None
            day = first + length
        return None

    def previous_day(self, day: int, start: int) -> int | None:
        """The last matching day in [start, day]."""
        while day >= start:
            first, _, mask = self._month_of(day)
            rest = mask & ((2 << (day - first)) - 1)
            if rest:
                found = first + rest.bit_length() - 1
                return found if found >= start else None
            day = first - 1
        return None

    def ever_comes(self) -> bool:
        """Whether any day of the Gregorian calendar matches."""
        return any(self._mask(index // 12, index % 12 + 1) for index in _MONTHS_OF_A_CYCLE)

    def _month_of(self, day: int) -> tuple[int, int, int]:
        """First day, length and the bit mask of matching days (bit 0 is the first) of the month that holds `day`."""
        this = date.fromordinal(day + EPOCH_ORDINAL)
        key = (this.year, this.month)
        known = self._worked_out.get(key)
        if known is None:
            first = day - this.day + 1
            known = first, monthrange(*key)[1], self._mask(*key)
            self._worked_out[key] = known
        return known

    def _mask(self, year: int, month: int) -> int:
        if month not in self._months:
            return 0
        first_weekday, length = _month_shape(year, month)
        by_date = _bits(_dates_of(self._month_days, first_weekday, length), length)
        by_weekday = _bits(_weekday_dates_of(self._weekdays, first_weekday, length), length)
        return by_date & by_weekday if self._both_must else by_date | by_weekday


@cache
def _month_shape(year: int, month: int) -> tuple[int, int]:
    """Weekday of the first (0 is Sunday) and number of days."""
    monday_based, length = monthrange(year, month)
    return (monday_based + 1) % 7, length


def _bits(dates: Iterator[int], length: int) -> int:
    mask = 0
    for number in dates:
        if number <= length:
            mask |= 1 << (number - 1)
    return mask


def _dates_of(field: Field, first_weekday: int, length: int) -> Iterator[int]:
    yield from field.values()
    for piece in field.pieces:
        if piece.form is Form.LAST_DAY:
            yield length
        elif piece.form is Form.LAST_WORKDAY:
            yield _nearest_workday(length, first_weekday, length)
        elif piece.form is Form.NEAREST_WORKDAY and piece.low <= length:
            yield _nearest_workday(piece.low, first_weekday, length)


def _nearest_workday(day: int, first_weekday: int, length: int) -> int:
    """Monday to Friday nearest to `day`, within the same month."""
    weekday = (first_weekday + day - 1) % 7
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 0:
        return day + 1 if day < length else day - 2
    return day


def _weekday_dates_of(field: Field, first_weekday: int, length: int) -> Iterator[int]:
    for weekday in field.values():
        yield from range(1 + (weekday - first_weekday) % 7, length + 1, 7)
    for piece in field.pieces:
        yield from _counted_weekday(piece, first_weekday, length)


def _counted_weekday(piece: Piece, first_weekday: int, length: int) -> Iterator[int]:
    first = 1 + (piece.low - first_weekday) % 7
    if piece.form is Form.NTH_WEEKDAY:
        yield first + 7 * (piece.step - 1)
    elif piece.form is Form.LAST_WEEKDAY:
        yield first + 7 * ((length - first) // 7)
