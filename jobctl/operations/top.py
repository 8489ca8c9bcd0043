"""Everything that `jobctl top` shows, gathered again and again at little cost.

What moves by itself (processors, memory, running attempts) is read at each look. What runs is asked of the
store when something was written there; all else at most so often that it takes a hundredth of the time, however many
jobs and runs there are.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from jobctl.domain.run import Run, Status
from jobctl.operations.context import Context
from jobctl.operations.freshness import refresh
from jobctl.operations.queues import QueueState, queues
from jobctl.operations.running_attempts import RunningAttempt, RunningAttempts
from jobctl.operations.starting_daemon import await_no_more
from jobctl.operations.starts import Start
from jobctl.operations.status import DaemonState, daemon_state, soonest_starts
from jobctl.process import processors
from jobctl.process.host import memory
from jobctl.store.records import MissedStarts, Pause

_LISTED = 50  # a big terminal has no more room
_MINUTE_MS = 60_000
_MINUTES = 120
_REST_MS = 2_000
_REST_AT_MOST_MS = 60_000
_SHARE = 100  # a hundredth of the time at most
_LOOK_ANYWAY_MS = 15_000


@dataclass(frozen=True, slots=True)
class HostUse:
    """The machine by its name. `cores` are percents since the last look, empty at the first; sizes in bytes, of memory
    None where the kernel does not say; the disk is that of the state directory."""

    name: str
    cores: tuple[float, ...]
    load: tuple[float, float, float]
    memory_total: int | None
    memory_available: int | None
    swap_total: int | None
    swap_free: int | None
    disk_total: int
    disk_free: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store says. `missed` are the jobs that have missed their last starts, the longest first; `minutes` are
    how many runs ended in each of the last two hours' minutes, the one that goes on last; `notes` what a reader should
    know, a sentence each."""

    daemon: DaemonState
    queues: tuple[QueueState, ...]
    pauses: tuple[Pause, ...]
    next: tuple[Start, ...]
    failed: tuple[Run, ...]
    missed: tuple[MissedStarts, ...]
    minutes: tuple[int, ...]
    alerts: int
    alerts_high: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole at one instant (milliseconds)."""

    at: int
    host: HostUse
    counts: dict[Status, int]
    running: tuple[RunningAttempt, ...]
    stored: Stored = field(repr=False)


class Lookout:
    """Takes snapshots of one installation."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._attempts = RunningAttempts(ctx)
        self._cores = processors.core_times()
        self._stored: Stored | None = None
        self._counts: dict[Status, int] = {}
        self._changed = True
        self._daemon_pid: int | None = None
        self._looked_at = 0
        self._rest_ms = _REST_MS

    def look(self) -> Snapshot:
        """How it is now. JobctlError: the store or the jobs file cannot be used."""
        pid = self._ctx.daemon_pid
        before, changed = self._stored, self._ctx.store.changed()
        if pid != self._daemon_pid:
            self._stored = None
        self._daemon_pid = pid
        self._changed |= changed
        stored = self._timely(pid)
        if changed or stored is not before:
            self._attempts.read()
            self._counts = self._ctx.store.runs.counts()
        return Snapshot(self._ctx.clock.now(), self._host(), self._counts, self._attempts.look(), stored)

    def has_acted(self) -> None:
        """Something was written by this process: the next look reads it."""
        self._stored = None

    def _timely(self, pid: int | None) -> Stored:
        instant = self._ctx.clock.boottime()
        passed = instant - self._looked_at
        if self._stored is not None and (
            passed < self._rest_ms or (not self._changed and pid is not None and passed < _LOOK_ANYWAY_MS)
        ):
            return self._stored
        self._changed = False
        self._attempts.forget_secrets()
        self._stored = self._ask()
        took = self._ctx.clock.boottime() - instant
        self._looked_at = instant + took
        self._rest_ms = min(_REST_AT_MOST_MS, max(_REST_MS, _SHARE * took))
        return self._stored

    def _ask(self) -> Stored:
        try:
            notes = refresh(self._ctx)
        finally:
            await_no_more(self._ctx)  # a later look would keep the keys waiting
        store, now = self._ctx.store, self._ctx.clock.now()
        pauses = tuple(store.switches.pauses(now))
        alerts = store.alerts.open()
        return Stored(
            daemon=daemon_state(self._ctx),
            queues=queues(self._ctx, pauses),
            pauses=pauses,
            next=soonest_starts(self._ctx, _LISTED),
            failed=tuple(store.runs.failed_last(_LISTED)),
            missed=tuple(store.jobs.missed_in_a_row()[:_LISTED]),
            minutes=_minutes(self._ctx, now),
            alerts=len(alerts),
            alerts_high=sum(alert.severity == "high" for alert in alerts),
            notes=notes,
        )

    def _host(self) -> HostUse:
        before, self._cores = self._cores, processors.core_times()
        found, disk = memory(), os.statvfs(self._ctx.places.state_dir)
        return HostUse(
            name=os.uname().nodename,
            cores=processors.busy_percents(before, self._cores),
            load=os.getloadavg(),
            memory_total=found.get("MemTotal"),
            memory_available=found.get("MemAvailable"),
            swap_total=found.get("SwapTotal"),
            swap_free=found.get("SwapFree"),
            disk_total=disk.f_blocks * disk.f_frsize,
            disk_free=disk.f_bavail * disk.f_frsize,
        )


def _minutes(ctx: Context, now: int) -> tuple[int, ...]:
    this = now - now % _MINUTE_MS
    first = this - (_MINUTES - 1) * _MINUTE_MS
    ended = {minute.start: minute.ended for minute in ctx.store.statistics.minutes(first)}
    return tuple(ended.get(start, 0) for start in range(first, this + 1, _MINUTE_MS))
