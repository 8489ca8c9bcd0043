"""When a job is due: the slots that its triggers yield.

A slot is a nominal instant in whole seconds since the epoch, UTC. Neither spread nor lateness changes it. Schedules
are immutable and shared: jobs with equal expressions and zone hold the same object.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from hashlib import blake2b
from weakref import WeakValueDictionary

from jobctl.domain.cron_days import EPOCH_ORDINAL
from jobctl.domain.cron_expression import is_drawn, parse
from jobctl.domain.cron_schedule import CronSchedule
from jobctl.domain.fixed_slots import Every, Excluding, Once
from jobctl.domain.job import Triggers
from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.domain.slots import Schedule
from jobctl.domain.units import format_duration
from jobctl.domain.wall_clock import zone
from jobctl.domain.wall_times import WallTimes

__all__ = ["Schedule", "ScheduleProblem", "compile_expression", "compile_triggers", "spread_offset"]

_shared: WeakValueDictionary[tuple[tuple[str, ...], str], CronSchedule] = WeakValueDictionary()


def compile_triggers(triggers: Triggers, job_name: str, system_zone: str) -> Schedule | None:
    """The schedule of a job; None when time alone never starts it (`every_after`, `on_start`, no trigger).

    ScheduleProblem says in one sentence what is wrong and in another what to write instead.
    """
    zone_name = triggers.timezone or system_zone
    schedule: Schedule
    if triggers.schedule:
        schedule = _cron(triggers.schedule, zone_name, job_name)
    elif triggers.every is not None:
        schedule = _every(triggers.every)
    elif triggers.at is not None:
        schedule = Once(triggers.at)
    else:
        return None
    if triggers.spread:
        _refuse_long_spread(triggers, job_name)
    if triggers.calendar_exclude:
        schedule = _excluding(schedule, zone_name, triggers.calendar_exclude)
    return schedule


def compile_expression(text: str, zone: str, job_name: str = "") -> Schedule:
    """The schedule of one expression, preset or alias. ScheduleProblem as for `compile_triggers`."""
    return _cron((text,), zone, job_name)


def spread_offset(machine_id: str, job_name: str, slot: int, spread: int) -> int:
    """By how many seconds, 0 <= x < spread, the start of a slot is put off on this machine.

    BLAKE2b over machine, job and slot: a restart never draws again.
    """
    if spread <= 0:
        return 0
    digest = blake2b(f"{machine_id}\0{job_name}\0{slot}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % spread


def _cron(texts: tuple[str, ...], zone_name: str, job_name: str) -> CronSchedule:
    """The schedule of one or more expressions. What is drawn from a job's name is compiled for that job."""
    if any(is_drawn(text) for text in texts):
        return _compile_cron(texts, zone_name, job_name)
    return _compile_cron(texts, zone_name, "")


@lru_cache(maxsize=16_384)  # a file that is checked is compiled again to be used
def _compile_cron(texts: tuple[str, ...], zone_name: str, job_name: str) -> CronSchedule:
    parsed = [parse(text, job_name) for text in texts]
    expressions = {expression.text: expression for expression in parsed}
    key = (tuple(sorted(expressions)), zone_name)
    schedule = _shared.get(key)
    if schedule is None:
        schedule = _shared[key] = CronSchedule(list(expressions.values()), zone(zone_name))
    return schedule


@lru_cache(maxsize=1024)
def _every(seconds: int) -> Every:
    if seconds < 1:
        raise ScheduleProblem(f"an interval of {seconds}s never moves on", 'write every = "1s" or more')
    return Every(seconds)


@lru_cache(maxsize=1024)
def _excluding(schedule: Schedule, zone_name: str, dates: frozenset[str]) -> Excluding:
    return Excluding(schedule, _spans(zone_name, dates))


@lru_cache(maxsize=256)
def _spans(zone_name: str, dates: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """The UTC spans of the dates on the zone's wall, ascending."""
    where = zone(zone_name)
    spans: list[tuple[int, int]] = []
    for text in dates:
        try:
            day = date.fromisoformat(text).toordinal() - EPOCH_ORDINAL
        except ValueError:
            raise ScheduleProblem(f'calendar_exclude "{text}" is not a date', 'write it as "2026-12-25"') from None
        spans += where.spans_of_day(day)
    return tuple(sorted(spans))


def _refuse_long_spread(triggers: Triggers, job_name: str) -> None:
    if triggers.schedule:
        period = WallTimes([parse(text, job_name) for text in triggers.schedule]).shortest_period(triggers.spread + 1)
    elif triggers.every is not None:
        period = triggers.every
    else:
        return
    if triggers.spread >= period:
        raise ScheduleProblem(
            f"spread = {format_duration(triggers.spread)} is not shorter than the {format_duration(period)} "
            "between two slots",
            f'write a spread below "{format_duration(period)}"',
        )
