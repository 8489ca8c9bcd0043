"""When the clock starts how many jobs: starts by hour, and the minute in which most of them come together."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass

from jobctl.config.machine import machine_id
from jobctl.config.system_zone import system_zone
from jobctl.domain.schedule import Schedule, compile_triggers, spread_offset
from jobctl.domain.settings import Configuration, default_max_concurrent
from jobctl.operations.doctor import Finding, Level

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Pressure:
    """Starts by hour (seconds since the epoch); the fullest minute with its jobs; jobs that start more often than every
    minute, which are left out of both: their load is the same at all times."""

    hours: dict[int, int]
    fullest_minute: int | None
    most: int  # starts in that minute
    together: tuple[str, ...]  # some of the jobs that start then
    constant: tuple[str, ...]


def pressure(configuration: Configuration, now: int, days: int) -> Pressure:
    """The starts of all enabled jobs from `now` (milliseconds) on. Jobs of one schedule without spread cost as much as
    one."""
    begin = now // 1000
    until = begin + days * _DAY
    minutes: Counter[int] = Counter()
    starts: dict[int, list[str]] = {}
    constant: list[str] = []
    for (schedule, spread), names in _by_schedule(configuration).items():
        slots = _slots(schedule, begin, until)
        if len(slots) > (until - begin) / _MINUTE + 1:
            constant += names
            continue
        for slot in slots:
            if not spread:
                minutes[slot // _MINUTE] += len(names)
                starts.setdefault(slot // _MINUTE, []).extend(names[: _NAMED + 1])
                continue
            for name in names:
                minute = (slot + spread_offset(machine_id(), name, slot, spread)) // _MINUTE
                minutes[minute] += 1
                starts.setdefault(minute, []).append(name)
    hours: Counter[int] = Counter()
    for minute, count in minutes.items():
        hours[minute * _MINUTE // _HOUR * _HOUR] += count
    fullest = max(minutes, key=lambda minute: (minutes[minute], -minute), default=None)
    if fullest is None:
        return Pressure({}, None, 0, (), tuple(sorted(constant)))
    together = tuple(sorted(set(starts[fullest])))
    return Pressure(dict(hours), fullest * _MINUTE, minutes[fullest], together, tuple(sorted(constant)))


def collisions(configuration: Configuration, now: int) -> Finding:
    """Whether more jobs start together within the next day than may run at once."""
    found = pressure(configuration, now, days=1)
    limit = configuration.settings.max_concurrent or default_max_concurrent(os.cpu_count())
    if found.fullest_minute is None:
        return Finding("schedules", Level.GOOD, "no clock starts anything within a day")
    at = time.strftime("%H:%M", time.localtime(found.fullest_minute))
    named = ", ".join(found.together[:_NAMED]) + (", …" if found.most > _NAMED else "")
    if found.most > limit:
        words = f"{found.most} starts at {at}, and {limit} runs at once are all there may be: {named}"
        advice = 'give them spread = "5m", other minutes, or `H` for the minute; --pressure shows the week'
        return Finding("schedules", Level.DOUBTFUL, words, advice)
    return Finding("schedules", Level.GOOD, f"at most {found.most} starts in a minute, at {at}: {named}")


def _by_schedule(configuration: Configuration) -> dict[tuple[Schedule, int], list[str]]:
    zone = configuration.settings.timezone or system_zone()
    found: dict[tuple[Schedule, int], list[str]] = {}
    for name, job in configuration.jobs.items():
        schedule = compile_triggers(job.triggers, name, zone) if job.enabled else None
        if schedule is not None:
            found.setdefault((schedule, job.triggers.spread), []).append(name)
    return found


def _slots(schedule: Schedule, begin: int, until: int) -> list[int]:
    """Up to one a minute and a few, which is enough to know that there are more."""
    slots: list[int] = []
    slot = schedule.next_after(begin - 1)
    while slot is not None and slot < until and len(slots) < (until - begin) / _MINUTE + 3:
        slots.append(slot)
        slot = schedule.next_after(slot)
    return slots
