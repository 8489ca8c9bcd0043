"""The schedule of a job as it was at an instant: definitions are kept by version."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from jobctl.config.machine import machine_id
from jobctl.config.system_zone import system_zone
from jobctl.domain.job import Triggers
from jobctl.domain.schedule import Schedule, compile_triggers, spread_offset
from jobctl.operations.context import Context
from jobctl.operations.starts import Start, clock_triggers
from jobctl.operations.stored_triggers import triggers_of
from jobctl.store.records import JobRow, JobVersion

_MINUTE = 60


class ScheduleThen:
    """The schedule of a job as it was at an instant; where the job was not there, `otherwise`, or what it is now."""

    def __init__(self, ctx: Context, row: JobRow, at: int, otherwise: ScheduleThen | None = None) -> None:
        self.row = row
        self.version: JobVersion = ctx.store.jobs.version_at(row.name, at)
        self.text: str = self.version.definition or (otherwise.text if otherwise is not None else self._newest(ctx))
        self.definition: dict[str, Any] = json.loads(self.text)
        self.triggers: Triggers = triggers_of(self.definition)
        self.zone = self.triggers.timezone or row.timezone or system_zone()
        self.schedule: Schedule | None = compile_triggers(self.triggers, row.name, self.zone)

    def _newest(self, ctx: Context) -> str:
        removed = ctx.store.jobs.removed(self.row.name)
        return (removed.definition if removed is not None else ctx.store.jobs.definition(self.row.name)) or "{}"

    def begins(self, slot: int) -> int:
        """When the slot is to start, in seconds."""
        return slot + spread_offset(machine_id(), self.row.name, slot, self.triggers.spread)

    def latest(self, now: int) -> int | None:
        """The newest slot whose start has come."""
        if self.schedule is None:
            return None
        slot = self.schedule.previous_at_or_before(now // 1000)
        while slot is not None and self.begins(slot) * 1000 > now:
            slot = self.schedule.previous_at_or_before(slot - 1)
        return slot

    def slot_of_minute(self, begin: int) -> int | None:
        """The first slot of the minute that begins there, or the one that spread puts off into it."""
        if self.schedule is None:
            return None
        slot = self.schedule.next_after(begin - 1)
        if slot is not None and slot < begin + _MINUTE:
            return slot
        slot = self.schedule.previous_at_or_before(begin)
        if slot is not None and begin <= self.begins(slot) < begin + _MINUTE:
            return slot
        return None

    def without_exclusions(self) -> Schedule | None:
        return compile_triggers(replace(self.triggers, calendar_exclude=frozenset()), self.row.name, self.zone)

    def words(self) -> str:
        """What starts it, in the words of the jobs file."""
        if self.version.until is None or not self.triggers.schedule:
            return self.row.schedule
        return "; ".join(self.triggers.schedule)

    def start(self, slot: int | None) -> Start | None:
        if slot is None:
            return None
        return Start(1000 * self.begins(slot), self.row.name, self.zone, clock_triggers(self.words()))
