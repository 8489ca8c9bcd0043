"""What a schedule means, before anybody has to wait for it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from jobctl.config.system_zone import is_zone, system_zone, zone_names
from jobctl.domain.cron_lint import lint
from jobctl.domain.cron_words import describe, normalise
from jobctl.domain.schedule import compile_expression
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.errors import UsageError
from jobctl.operations.context import Context
from jobctl.operations.selection import nearest, no_such_job


@dataclass(frozen=True, slots=True)
class Explanation:
    """An expression normalised and in words, the doubts about it, and its next slots (seconds since the epoch)."""

    expression: str
    words: str
    zone: str
    warnings: tuple[str, ...]
    slots: tuple[int, ...]


def explain_job(ctx: Context, name: str, zone: str | None, count: int) -> list[Explanation]:
    """Explain each expression of a job on its own clock, unless `zone` is given. NotFound: there is no such job.
    UsageError: it has none."""
    if name not in ctx.store.jobs.names():
        raise no_such_job(name, ctx.store.jobs.names())
    [row] = ctx.store.jobs.rows([name])
    expressions = json.loads(ctx.store.jobs.definition(name) or "{}").get("schedule") or ()
    if not expressions:
        when = f"it starts by `{row.schedule}`" if row.schedule else "nothing starts it by itself"
        raise UsageError(f"{name} is a job without a cron expression", f"{when}; `jobctl next {name}` looks ahead")
    now = ctx.clock.now()
    return [explain(text, zone or row.timezone, now, count, name) for text in expressions]


def explain(expression: str, zone: str | None, now: int, count: int, job: str = "") -> Explanation:
    """Explain the expression on the clock of `zone`, the machine's when None, as that of `job` if one is named.
    UsageError says what is wrong with it."""
    clock = zone or system_zone()
    if not is_zone(clock):
        hint = nearest(clock, zone_names()) or "names are such as Europe/Berlin or UTC"
        raise UsageError(f"there is no time zone `{clock}`", hint)
    try:
        schedule = compile_expression(expression, clock, job)
        slots: list[int] = []
        slot = schedule.next_after(now // 1000)
        while slot is not None and len(slots) < count:
            slots.append(slot)
            slot = schedule.next_after(slot)
        warnings = tuple(lint(expression, clock, now, job))
        return Explanation(normalise(expression), describe(expression, job or None), clock, warnings, tuple(slots))
    except ScheduleProblem as problem:
        raise UsageError(problem.message, problem.hint) from None
