"""What starts when: the slots of schedules, and the runs that wait for a time of their own."""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from jobctl.config.machine import machine_id
from jobctl.config.system_zone import system_zone
from jobctl.domain.job import Triggers
from jobctl.domain.run import Status
from jobctl.domain.schedule import compile_triggers, spread_offset
from jobctl.domain.slots import Schedule
from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.operations.idle_wait import latest_starts
from jobctl.operations.starts import Start, clock_triggers, start_of
from jobctl.operations.stored_triggers import cannot_be_followed, triggers_of
from jobctl.store.records import HistoryFilter, JobRow

_MOST_WAITING = 1000


class Upcoming(NamedTuple):
    """What starts, the earliest first, and an error for each job whose schedule cannot be followed."""

    starts: list[Start]
    problems: list[JobctlError]


def upcoming(
    ctx: Context, rows: Collection[JobRow], begin: int | None, until: int | None, limit: int, *, all_jobs: bool
) -> Upcoming:
    """The first `limit` starts of these jobs from `begin` (None: now) on and before `until`.

    Disabled jobs start nothing before they are enabled. With many jobs only the schedules of those are compiled whose
    turn comes. `all_jobs` says that `rows` are all of them.
    """
    now = ctx.clock.now()
    begin = now if begin is None else begin
    waiting = _waiting_runs(ctx, () if all_jobs else tuple(row.name for row in rows), begin)
    problems: list[JobctlError] = []
    merged = heapq.merge(waiting, _slots(ctx, rows, begin, now, problems), key=lambda start: (start.at, start.job))
    found: list[Start] = []
    for start in merged:
        if len(found) == limit or (until is not None and start.at >= until):
            break
        found.append(start)
    return Upcoming(found, problems)


def first_starts(ctx: Context, rows: Collection[JobRow], limit: int) -> list[Start]:
    """The next start of each job by its schedule, for the first `limit` of them; those that cannot be followed are left
    out."""
    now = ctx.clock.now()
    return list(islice(_slots(ctx, rows, now, now, [], only_first=True), limit))


def next_start_of(ctx: Context, row: JobRow) -> int | None:
    """When the clock starts the job next, worked out from its definition; None also where that cannot be followed."""
    now, plan = ctx.clock.now(), _Plan(ctx, row)
    try:
        following = plan.next_start(now, -1) if plan.may_start(now) else None
    except Exception:  # whatever it is: `next` tells it
        return None
    return None if following is None else following[0]


def _waiting_runs(ctx: Context, jobs: tuple[str, ...], begin: int) -> list[Start]:
    wanted = HistoryFilter(jobs=jobs, statuses=(Status.SCHEDULED, Status.RETRYING), limit=_MOST_WAITING)
    runs = ctx.store.runs.history(wanted) if jobs else ctx.store.runs.releases(_MOST_WAITING)
    zone = system_zone()
    found = [start_of(run, zone) for run in runs if run.due_at >= begin]
    found += [start for start in latest_starts(ctx, jobs, zone) if start.at >= begin]
    return sorted(found, key=lambda start: (start.at, start.job))


def _slots(
    ctx: Context,
    rows: Collection[JobRow],
    begin: int,
    now: int,
    problems: list[JobctlError],
    *,
    only_first: bool = False,
) -> Iterator[Start]:
    """A job enters the heap with the earliest instant that it can start at, and is looked at when it comes up. One that
    cannot be followed leaves it, into `problems`; so does one that has started where only the first start is asked."""
    plans = [_Plan(ctx, row) for row in rows]
    heap = [
        (max(begin, plan.earliest(now)) if begin >= now else begin, plan.row.name, -1, at)
        for at, plan in enumerate(plans)
        if plan.may_start(begin)
    ]
    heapq.heapify(heap)
    while heap:
        instant, name, slot, at = heapq.heappop(heap)
        plan = plans[at]
        try:
            if slot >= 0:
                yield Start(instant, name, plan.zone, plan.reason(slot))
                if only_first:
                    continue
            following = plan.next_start(max(begin, plan.not_before), slot)
        except Exception as problem:  # whatever it is: the other jobs start all the same
            problems.append(cannot_be_followed(name, problem))
            continue
        if following is not None:
            heapq.heappush(heap, (following[0], name, following[1], at))


class _Plan:
    """When one job starts by itself."""

    def __init__(self, ctx: Context, row: JobRow) -> None:
        self.row = row
        self.zone = row.timezone or system_zone()
        self.not_before = row.disabled_until or 0 if not row.enabled else 0
        self._ctx = ctx
        self._schedule: Schedule | None = None
        self._spread = 0
        self._parts: list[tuple[str, Schedule]] = []
        self._compiled = False
        self._may_be_taken = True

    def may_start(self, begin: int) -> bool:
        """A job that is disabled without an end, or that time never starts, yields nothing."""
        if not self.row.enabled:
            return self.row.disabled_until is not None
        return self.row.next_at is not None or bool(self.row.schedule)

    def earliest(self, now: int) -> int:
        """Before this instant it does not start; the store knows it without its schedule being compiled."""
        return max(self.row.next_at or now, now, self.not_before)

    def next_start(self, begin: int, after_slot: int) -> tuple[int, int] | None:
        """The first start after a slot, or at or after an instant: (milliseconds, slot)."""
        self._compile()
        if self._schedule is None:
            return self._known_start(begin, after_slot)
        slot = after_slot if after_slot >= 0 else -(-begin // 1000) - self._spread - 1
        while (following := self._schedule.next_after(slot)) is not None:
            offset = spread_offset(machine_id(), self.row.name, following, self._spread)
            start = 1000 * (following + offset)
            if start >= begin and not self._is_taken(following):
                return start, following
            slot = following
        return None

    def reason(self, slot: int) -> str:
        """Which of the job's triggers yields the slot: each of its expressions that does, or its only one."""
        self._compile()
        yielding = [text for text, schedule in self._parts if schedule.next_after(slot - 1) == slot]
        return "; ".join(yielding) or clock_triggers(self.row.schedule)

    def _is_taken(self, slot: int) -> bool:
        """By `run --as-scheduled`: it has its run before its time. Only the slot after the present one can be taken."""
        if self._may_be_taken:
            self._may_be_taken = self._ctx.store.runs.of_slot(self.row.name, slot) is not None
            return self._may_be_taken
        return False

    def _known_start(self, begin: int, after_slot: int) -> tuple[int, int] | None:
        """For `every_after`: the one instant that the daemon has planned."""
        planned = self.row.next_at
        return (planned, planned // 1000) if planned is not None and planned >= begin and after_slot < 0 else None

    def _compile(self) -> None:
        if self._compiled:
            return
        self._compiled = True
        definition = json.loads(self._ctx.store.jobs.definition(self.row.name) or "{}")
        triggers = triggers_of(definition)
        self._spread = triggers.spread
        self._schedule = compile_triggers(triggers, self.row.name, self.zone)
        for text in triggers.schedule:
            alone = compile_triggers(Triggers(schedule=(text,)), self.row.name, self.zone)
            if alone is not None:
                self._parts.append((text, alone))
