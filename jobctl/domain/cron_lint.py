"""What a cron expression does that its author may not expect. Nothing here is an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from jobctl.domain.cron_expression import CronExpression, is_drawn, parse
from jobctl.domain.cron_field import HOUR, MINUTE, MONTH_DAY, WEEKDAY, Field, FieldKind, Form, Piece
from jobctl.domain.cron_vocabulary import MONTHS, enumerated
from jobctl.domain.wall_clock import DAY, Stretch, zone
from jobctl.domain.wall_times import WallTimes

_LONGEST = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
_AHEAD = 400 * DAY  # every yearly change of a clock comes within


def lint(text: str, zone_name: str, now: int, job_name: str = "") -> list[str]:
    """Warnings about an expression, one sentence each, for what comes after `now` (milliseconds).

    Raises ScheduleProblem for what is wrong altogether.
    """
    expression = parse(text, job_name)
    _, _, month_day, month, weekday = expression.fields
    warnings = [*_either_day(month_day, weekday)]
    for field in expression.fields:
        warnings += _uneven_steps(field)
    warnings += _short_months(month_day, month)
    if job_name or not is_drawn(text):
        warnings += _gaps(expression, zone_name, now // 1000)
    return warnings


def _either_day(month_day: Field, weekday: Field) -> Iterator[str]:
    if not month_day.starred and not weekday.starred:
        yield (
            f'both day fields are restricted, so either is enough: day "{month_day.text}" or '
            f'weekday "{weekday.text}"; for a weekday counted within the month write for example "1#1", the first '
            "Monday"
        )


@lru_cache(maxsize=4_096)  # expressions share their fields
def _uneven_steps(field: Field) -> tuple[str, ...]:
    return tuple(_uneven(field, piece) for piece in field.pieces if _is_uneven(field.kind, piece))


def _is_uneven(kind: FieldKind, piece: Piece) -> bool:
    if piece.form is not Form.STAR or piece.step == 1:
        return False
    return kind is MONTH_DAY or _cycle(kind) % piece.step != 0


def _cycle(kind: FieldKind) -> int:
    return 7 if kind is WEEKDAY else kind.high - kind.low + 1


def _uneven(field: Field, piece: Piece) -> str:
    said = f'{field.kind.name} "*/{piece.step}" is uneven'
    if field.kind is MONTH_DAY:
        return f"{said}: it starts anew on the first of each month, however short the last step was"
    last = [value for value in piece.values() if value < piece.low + _cycle(field.kind)][-1]
    rest = piece.low + _cycle(field.kind) - last
    sentence = f"{said}: after {last} it starts anew, {rest} {_unit(field.kind, rest)} later"
    if field.kind is MINUTE or field.kind is HOUR:
        sentence += f'; for an even interval write every = "{piece.step}{field.kind.name[0]}"'
    return sentence


def _unit(kind: FieldKind, count: int) -> str:
    unit = "day" if kind is WEEKDAY else kind.name
    return unit if count == 1 else f"{unit}s"


@lru_cache(maxsize=4_096)
def _short_months(month_day: Field, month: Field) -> tuple[str, ...]:
    return tuple(_months_without(month_day, month))


def _months_without(month_day: Field, month: Field) -> Iterator[str]:
    late = [piece for piece in month_day.pieces if piece.form in (Form.RANGE, Form.NEAREST_WORKDAY) and piece.low > 28]
    for day in sorted({day for piece in late for day in piece.values()}):
        short = [MONTHS[number - 1] for number in month.values() if _LONGEST[number] < day]
        if short:
            yield f'day {day} does not come in {enumerated(short)}; write "L" for the last day of each month'
        elif day == 29 and 2 in month.values():
            yield 'day 29 comes in February in leap years only; write "L" for the last day of each month'


def _gaps(expression: CronExpression, zone_name: str, now_s: int) -> Iterator[str]:
    """The next nominal time of a FIXED expression that falls into a gap of the zone's clock."""
    coming = () if expression.wild else _coming_gaps(zone_name, now_s)
    for stretch in coming:
        local = WallTimes([expression]).first(stretch.skipped.start, stretch.skipped.stop)
        if local is not None:
            yield _gap(local, stretch, zone_name)
            return


@lru_cache(maxsize=64)
def _coming_gaps(zone_name: str, now_s: int) -> tuple[Stretch, ...]:
    """The stretches that begin with a gap."""
    ahead = zone(zone_name).stretches(now_s, now_s + _AHEAD)
    return tuple(stretch for stretch in ahead if stretch.skipped and stretch.start > now_s)


def _gap(local: int, stretch: Stretch, zone_name: str) -> str:
    nominal, landing = _shown(local), _shown(stretch.first_minute + stretch.offset)
    day = "" if nominal[:10] == landing[:10] else f" on {landing[:10]}"
    return (
        f"{nominal[11:]} does not exist in {zone_name} on {nominal[:10]}, when clocks go forward: "
        f"the run comes at {landing[11:]}{day}"
    )


def _shown(local: int) -> str:
    """What the wall shows, `2027-03-28 02:30`; UTC serves as a calendar without changes of the clock."""
    return datetime.fromtimestamp(local, UTC).strftime("%Y-%m-%d %H:%M")
