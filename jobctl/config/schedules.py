"""Schedules of the jobs file, tried out so that none fails when the daemon uses it."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.config.drafts import Draft
from jobctl.domain.job import Triggers
from jobctl.domain.schedule import ScheduleProblem, compile_expression, compile_triggers


def check_schedules(drafts: Sequence[Draft], system_zone: str) -> None:
    """Note every schedule, spread and interval that cannot be compiled. Equal triggers are tried once."""
    tried: set[tuple[Triggers, str]] = set()
    for draft in drafts:
        triggers = draft.triggers
        hashed = draft.name if any("h" in text.lower() for text in triggers.schedule) else ""  # H is drawn for each job
        if (triggers, hashed) in tried:
            continue
        tried.add((triggers, hashed))
        try:
            compile_triggers(triggers, draft.name, system_zone)
        except ScheduleProblem as problem:
            tried.discard((triggers, hashed))
            _note(draft, triggers, system_zone, problem)


def _note(draft: Draft, triggers: Triggers, system_zone: str, problem: ScheduleProblem) -> None:
    """Find which part is at fault: each expression by itself, else what the job adds to it."""
    document, path = draft.place("schedule")
    is_list = isinstance(_raw(document.tables, path), list)
    found = False
    for index, text in enumerate(triggers.schedule):
        try:
            compile_expression(text, triggers.timezone or system_zone, draft.name)
        except ScheduleProblem as one:
            draft.error("schedule", one.message, one.hint, (index,) if is_list else ())
            found = True
    if not found:
        key = "spread" if triggers.spread else next(key for key in ("schedule", "every", "at") if key in draft.values)
        draft.error(key, problem.message, problem.hint)


def _raw(tables: object, path: Sequence[str | int]) -> object:
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables
