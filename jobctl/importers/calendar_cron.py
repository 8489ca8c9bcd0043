"""Calendar events of systemd in the words of a jobs file: cron, an interval, or one instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jobctl.domain.cron_expression import parse
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.importers.calendar_event import Chains, Event
from jobctl.importers.findings import CannotKeep

_WEEKS = tuple(frozenset(range(7 * week + 1, min(7 * week + 7, 31) + 1)) for week in range(5))


@dataclass(frozen=True, slots=True)
class When:
    """One of these. `dropped_seconds`: the slot is so many seconds earlier than the event."""

    cron: str | None = None
    every: int | None = None
    at: datetime | None = None
    dropped_seconds: int = 0


def when(event: Event) -> When:
    """How the jobs file says it. CannotKeep says why it cannot."""
    if event.year is not None:
        return _once(event)
    seconds = _numbers(event.second, 0, 59)
    if len(seconds) > 1:
        return _interval(event, seconds)
    days, weekdays = _days(event)
    hours, minutes = _numbers(event.hour, 0, 23), _numbers(event.minute, 0, 59)
    hour = _field(hours, 0, 23)
    fields = (
        # A star makes cron follow the clock as it runs when it is set, which certain hours of the day do not want.
        _field(minutes, 0, 59) if hour.startswith("*") else _list(minutes, 0, 59),
        hour,
        days,
        _field(_numbers(event.month, 1, 12), 1, 12),
        weekdays,
    )
    expression = " ".join(fields)
    try:
        parse(expression)
    except ScheduleProblem as problem:
        raise CannotKeep(f'OnCalendar "{event.text}": {problem.message}') from None
    return When(cron=expression, dropped_seconds=seconds[0])


def _once(event: Event) -> When:
    parts = (event.year, event.month, event.day, event.hour, event.minute, event.second)
    single = all(chains is not None and len(chains) == 1 and len(chains[0].values(9999)) == 1 for chains in parts)
    if not single or event.weekdays is not None or event.from_end:
        raise CannotKeep(f'OnCalendar "{event.text}" names years, which cron cannot')
    year, month, day, hour, minute, second = (chains[0].start for chains in parts if chains is not None)
    try:
        at = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    except ValueError:
        raise CannotKeep(f'OnCalendar "{event.text}" never comes: there is no such day') from None
    return When(at=at)


def _interval(event: Event, seconds: list[int]) -> When:
    """Several seconds of every minute are an interval, when they are even."""
    step = seconds[1] - seconds[0]
    others = (event.weekdays, event.month, event.day, event.hour, event.minute)
    if any(part is not None for part in others) or 60 % step or seconds != list(range(0, 60, step)):
        raise CannotKeep(f'OnCalendar "{event.text}" has several seconds of a minute: cron knows no seconds')
    return When(every=step)


def _numbers(chains: Chains, low: int, high: int) -> list[int]:
    if chains is None:
        return list(range(low, high + 1))
    return sorted({value for chain in chains for value in chain.values(high)})


def _field(numbers: list[int], low: int, high: int) -> str:
    """A field of cron with exactly these numbers."""
    if numbers != list(range(low, high + 1)) and (step := _step(numbers, low, high)) is not None:
        return f"*/{step}"
    return _list(numbers, low, high)


def _list(numbers: list[int], low: int, high: int) -> str:
    return "*" if numbers == list(range(low, high + 1)) else ",".join(_runs(numbers))


def _step(numbers: list[int], low: int, high: int) -> int | None:
    if len(numbers) < 2 or numbers[0] != low:
        return None
    step = numbers[1] - numbers[0]
    return step if step > 1 and numbers == list(range(low, high + 1, step)) else None


def _runs(numbers: Iterable[int]) -> list[str]:
    """`1-5`, `7`: neighbours joined."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def _days(event: Event) -> tuple[str, str]:
    """Day of month and day of week. systemd wants both to match, cron mostly takes either."""
    weekdays = None if event.weekdays is None or len(event.weekdays) == 7 else sorted(event.weekdays)
    if event.from_end:
        return _days_from_end(event, weekdays)
    numbers = _numbers(event.day, 1, 31)
    dates = _field(numbers, 1, 31)
    if weekdays is None:
        return dates, "*"
    if dates.startswith("*"):  # with a star in front cron wants both, too
        return dates, ",".join(_runs(weekdays))
    weeks = [number for number, week in enumerate(_WEEKS, 1) if week <= set(numbers)]
    if set(numbers) != set().union(*(_WEEKS[week - 1] for week in weeks)):
        raise CannotKeep(
            f'OnCalendar "{event.text}" wants a day of the week and of the month at once, which cron has only for '
            'whole weeks: Mon *-*-1..7 is "1#1"'
        )
    return "*", ",".join(f"{day}#{week}" for week in weeks for day in weekdays)


def _days_from_end(event: Event, weekdays: list[int] | None) -> tuple[str, str]:
    last = _numbers(event.day, 1, 31)
    chains = event.day or ()
    if weekdays is None and last == [1]:
        return "L", "*"
    is_last_week = len(chains) == 1 and chains[0].start == 7 and chains[0].stop is None and chains[0].repeat == 1
    if weekdays is not None and is_last_week:
        return "*", ",".join(f"{day}L" for day in weekdays)
    raise CannotKeep(f'OnCalendar "{event.text}" counts from the end of the month: cron has "L" and "5L" alone')
