"""What a person types for a time of jobs, as the keys that say the same: of `add` and `explain`."""

from __future__ import annotations

from jobctl.domain.plain_schedule import plain_schedule
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.errors import UsageError


def said_when(text: str) -> dict[str, object] | None:
    """The keys; None where it is not understood. UsageError for a time that no day has."""
    try:
        return plain_schedule(text)
    except ScheduleProblem as problem:
        raise UsageError(problem.message, problem.hint) from None


def said_expression(text: str) -> str:
    """The expression that the words make; the text where they make none. UsageError for what is another key."""
    when = said_when(text) or {}
    if "every" in when:
        raise UsageError(f"`{text}` is no cron expression", f'it is a key of the job: every = "{when["every"]}"')
    if "on_boot" in when and not text.strip().startswith("@"):
        raise UsageError(f"`{text}` is no cron expression", "it is a key of the job: on_boot = true")
    return str(when.get("schedule", text))
