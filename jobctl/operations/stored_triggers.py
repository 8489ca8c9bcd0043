"""The triggers of a job from its definition as the store keeps it, and what is said where they cannot be followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobctl.domain.job import Triggers
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.errors import JobctlError


def triggers_of(definition: Mapping[str, Any]) -> Triggers:
    """What the clock starts it by; what starts it otherwise is left out."""
    return Triggers(
        schedule=tuple(definition.get("schedule") or ()),
        timezone=definition.get("timezone"),
        every=definition.get("every"),
        at=definition.get("at"),
        spread=definition.get("spread") or 0,
        calendar_exclude=frozenset(definition.get("calendar_exclude") or ()),
    )


def cannot_be_followed(job: str, problem: Exception) -> JobctlError:
    """The error for a stored schedule that cannot be computed (any more): its zone has gone from the system, or it was
    accepted by an earlier version."""
    if isinstance(problem, ScheduleProblem):
        words, hint = problem.message, problem.hint
    else:
        words, hint = f"unexpected {type(problem).__name__}: {problem}", ""
    return JobctlError(f"the schedule of {job} cannot be followed: {words}", hint or "`jobctl check` reads it again")
