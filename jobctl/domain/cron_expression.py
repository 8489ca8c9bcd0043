"""A whole cron expression: presets and aliases, five fields, and what is refused at load.

Nothing here knows a zone or an instant: an expression names days and times of day on the wall.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache

from jobctl.domain.cron_days import DayRule
from jobctl.domain.cron_field import KINDS, Field, resolve_hashes
from jobctl.domain.cron_grammar import parse_field
from jobctl.domain.schedule_problem import ScheduleProblem

PRESETS = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIVE = 'five fields "minute hour day-of-month month day-of-week", for example "30 2 * * *"'


@dataclass(frozen=True, slots=True)
class CronExpression:
    """A parsed expression. `times` are seconds since local midnight, ascending.

    `text` is canonical: expressions with equal texts mean the same. `wild`: the minute or the hour field begins with
    `*`; such an expression follows the clock as it runs, every other one means nominal times of the calendar.
    """

    text: str
    fields: tuple[Field, ...]
    times: tuple[int, ...]
    days: DayRule
    wild: bool


def parse(text: str, job_name: str = "") -> CronExpression:
    """The expression, with each H drawn from `job_name`. ScheduleProblem says what to write instead."""
    return _shared(text) or _assemble(text, tuple(resolve_hashes(field, job_name) for field in parse_fields(text)))


@lru_cache(maxsize=16_384)
def is_drawn(text: str) -> bool:
    """Whether the expression means another time for each job (H)."""
    return any(field.hashed for field in parse_fields(text))


@lru_cache(maxsize=16_384)
def parse_fields(text: str) -> tuple[Field, ...]:
    """The five fields of an expression, preset or alias, H not yet drawn. Raises ScheduleProblem."""
    words = _spelled_out(text).split()
    if len(words) != 5:
        raise _wrong_number_of_fields(text, words)
    try:
        return tuple(parse_field(kind, word) for kind, word in zip(KINDS, words, strict=True))
    except ScheduleProblem as problem:
        raise ScheduleProblem(f'"{text}": {problem.message}', problem.hint) from None


@lru_cache(maxsize=16_384)
def _shared(text: str) -> CronExpression | None:
    """The expression of a text, which every job shares; None where each job draws its own."""
    return None if is_drawn(text) else _assemble(text, parse_fields(text))


def _assemble(text: str, fields: tuple[Field, ...]) -> CronExpression:
    minute, hour, *day_fields = fields
    days = _day_rule(*day_fields)
    if days is None:
        raise ScheduleProblem(
            f'"{text}" names dates that never come', 'write a day that the month has, or "L" for its last day'
        )
    return CronExpression(canonical_text(fields), fields, _times(minute, hour), days, minute.starred or hour.starred)


def canonical_text(fields: tuple[Field, ...]) -> str:
    """The five fields, written the one way that `Field.text` has for each."""
    return " ".join(field.text for field in fields)


@lru_cache(maxsize=4_096)
def _times(minute: Field, hour: Field) -> tuple[int, ...]:
    return tuple(3600 * h + 60 * m for h in hour.values() for m in minute.values())


@lru_cache(maxsize=4_096)
def _day_rule(month_days: Field, months: Field, weekdays: Field) -> DayRule | None:
    """The shared rule of three fields; None when it names no day at all."""
    rule = DayRule(month_days, months, weekdays)
    return rule if rule.ever_comes() else None


def _spelled_out(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ScheduleProblem("the schedule is empty", f"write {_FIVE}, or a preset such as daily")
    word = stripped.lower()
    if word in PRESETS:
        return PRESETS[word]
    if word == "@reboot":
        raise ScheduleProblem('"@reboot" is not a time', "write on_boot = true instead of schedule")
    if word.startswith("@every"):
        duration = word.removeprefix("@every").strip() or "5m"
        raise ScheduleProblem(f'"{stripped}" is not cron', f'write every = "{duration}" instead of schedule')
    if len(word.split()) == 1 and (word.startswith("@") or word.isalpha()):
        near = difflib.get_close_matches(word, PRESETS, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"write one of {', '.join(PRESETS)}, or {_FIVE}"
        raise ScheduleProblem(f'"{stripped}" is not a preset', hint)
    return stripped


def _wrong_number_of_fields(text: str, words: list[str]) -> ScheduleProblem:
    message = f'"{text}" has {len(words)} field{"s" if len(words) != 1 else ""} where cron has 5'
    if len(words) not in (6, 7):
        return ScheduleProblem(message, f"write {_FIVE}")
    if len(words) == 6 and _is_year(words[5]):
        five = " ".join(words[:5]).replace("?", "*")
        return ScheduleProblem(message, f'there are no years: write "{five}", or at = … for one instant')
    rest = " ".join(words[1:6]).replace("?", "*")
    instead = f'write "{rest}"'
    seconds = words[0].partition("/")
    if seconds[0] in ("*", "0") and seconds[2].isdecimal() and int(seconds[2]) > 0:
        instead = f'for an interval write every = "{int(seconds[2])}s"'
    elif words[0] == "*":
        instead = 'for an interval write every = "1s"'
    what = "seconds" if len(words) == 6 else "seconds and years"
    return ScheduleProblem(message, f"there are no {what}: {instead}")


def _is_year(word: str) -> bool:
    """Whether a field can be nothing but years, as some crons take them in a sixth: `2030`, `2030-2035`."""
    numbers = word.replace("-", ",").split(",")
    return all(number.isdecimal() and len(number) == 4 for number in numbers)
