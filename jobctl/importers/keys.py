"""What importers know of the keys of a job: their order, and whether a delay by chance fits a schedule."""

from __future__ import annotations

from collections.abc import Mapping

from jobctl.domain.job import Triggers
from jobctl.domain.schedule import compile_triggers
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.domain.units import parse_duration

_ORDER = (
    "command", "description", "enabled", "schedule", "timezone", "every", "every_after", "at", "on_start", "on_boot",
    "spread", "catch_up", "overlap", "timeout", "grace", "retries", "retry_delay", "retry_backoff", "retry_max_delay",
    "retry_never_on", "success_on", "nice", "umask", "user", "group_name", "cwd", "shell", "env_file", "env", "limits",
    "alert",
)  # fmt: skip


def in_order(keys: Mapping[str, object]) -> dict[str, object]:
    """The keys in the order in which a person would write them."""
    return {key: keys[key] for key in _ORDER if key in keys}


def longest_spread(keys: Mapping[str, object], seconds: int) -> int:
    """Of so many seconds as many as the job's schedule allows; 0 where it allows none."""
    if may_spread(keys, seconds):
        return seconds
    low, high = 0, seconds  # the first is allowed, the second is not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if may_spread(keys, middle) else (low, middle)
    return low


def may_spread(keys: Mapping[str, object], seconds: int) -> bool:
    """Whether the job's schedule leaves more than so many seconds between two slots."""
    schedule, every = keys.get("schedule"), keys.get("every")
    texts = (schedule,) if isinstance(schedule, str) else tuple(schedule) if isinstance(schedule, list) else ()
    if not texts and not isinstance(every, str):
        return False
    period = int(parse_duration(every)) if isinstance(every, str) and not texts else None
    try:
        compile_triggers(Triggers(schedule=texts, every=period, spread=seconds), "", "UTC")
    except ScheduleProblem:
        return False
    return True
