"""What a schedule means, before anybody has to wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from jobctl.config.system_zone import is_zone, system_zone, zone_names
from jobctl.domain.cron_lint import lint
from jobctl.domain.cron_words import describe, normalise
from jobctl.domain.schedule import compile_expression
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.errors import UsageError
from jobctl.operations.selection import nearest


@dataclass(frozen=True, slots=True)
class Explanation:
    """An expression normalised and in words, the doubts about it, and its next slots (seconds since the epoch)."""

    expression: str
    words: str
    zone: str
    warnings: tuple[str, ...]
    slots: tuple[int, ...]


def explain(expression: str, zone: str | None, now: int, count: int) -> Explanation:
    """Explain the expression on the clock of `zone`, the machine's when None. UsageError says what is wrong with it."""
    clock = zone or system_zone()
    if not is_zone(clock):
        hint = nearest(clock, zone_names()) or "names are such as Europe/Berlin or UTC"
        raise UsageError(f"there is no time zone `{clock}`", hint)
    try:
        schedule = compile_expression(expression, clock)
        slots: list[int] = []
        slot = schedule.next_after(now // 1000)
        while slot is not None and len(slots) < count:
            slots.append(slot)
            slot = schedule.next_after(slot)
        warnings = tuple(lint(expression, clock, now))
        return Explanation(normalise(expression), describe(expression), clock, warnings, tuple(slots))
    except ScheduleProblem as problem:
        raise UsageError(problem.message, problem.hint) from None
