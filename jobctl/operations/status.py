"""The state of the whole at a glance."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobctl.domain.run import Run, Status
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import absence, scheduling_off, standstill
from jobctl.operations.file_news import FileNews, file_news
from jobctl.operations.progress import with_progress
from jobctl.operations.queues import QueueState, queues
from jobctl.operations.starts import Start, clock_triggers, start_of
from jobctl.operations.waiting import waiting
from jobctl.process.host import memory
from jobctl.store.records import HistoryFilter, MissedStarts, Pause

if TYPE_CHECKING:
    from jobctl.domain.alert import Alert
    from jobctl.domain.last_seen import LastSeen

_SHOWN = 10
_WAITING_SHOWN = 5


class DaemonState(NamedTuple):
    """The daemon, alive or not; without one the instants are those of the last that there was."""

    running: bool
    pid: int | None
    version: str | None
    started_at: int | None
    config: str | None
    reloaded_at: int | None
    jobs: int
    scheduling: bool | None = None  # False: it was told to start nothing by itself
    draining_at: int | None = None
    stands_still: bool = False  # it lives, and does not work
    last_beat_at: int | None = None  # when it last proved to be at work
    seen: LastSeen | None = None  # of one that runs no more: its last sign, and whether it was stopped


class HostState(NamedTuple):
    """The machine. Sizes in bytes; `disk_free` is of the state directory's file system."""

    load: tuple[float, float, float]
    cores: int
    memory_total: int | None
    memory_available: int | None
    disk_free: int


class Failing(NamedTuple):
    """A job with its newest dead letter and how many it has."""

    run: Run
    dead_letters: int


class StatusReport(NamedTuple):
    """What `jobctl status` tells. `failing` are the jobs with dead letters, the newest first, and `failing_more` is how
    many more jobs there are; `missed` are those that have missed their last starts, the longest first; `next` is what
    starts next."""

    daemon: DaemonState
    file: FileNews | None  # None: the jobs file is as it was loaded
    jobs_file: str | None  # that the jobs were read from, where it is known
    state_dir: Path
    counts: dict[Status, int]
    running: tuple[Run, ...]
    waiting: tuple[Run, ...]  # those that should start first
    failing: tuple[Failing, ...]
    failing_more: int
    missed: tuple[MissedStarts, ...]
    missed_more: int
    next: tuple[Start, ...]
    pauses: tuple[Pause, ...]
    alerts: tuple[Alert, ...]  # those that are not over, and how many more there are
    alerts_more: int
    alerts_high: int  # of all of them
    queues: tuple[QueueState, ...]
    host: HostState


def status(ctx: Context) -> StatusReport:
    """Gather it: a handful of small questions to the store, however many runs there are, and all at one instant."""
    file = file_news(ctx)  # may take its time
    with ctx.store.snapshot():
        return _gather(ctx, file)


def _gather(ctx: Context, file: FileNews | None) -> StatusReport:
    store = ctx.store
    failing, failing_more = _failing(ctx)
    missed = store.jobs.missed_in_a_row()
    alerts = store.alerts.open()
    pauses = tuple(store.switches.pauses(ctx.clock.now()))
    daemon = daemon_state(ctx)
    return StatusReport(
        daemon=daemon,
        file=file,
        jobs_file=daemon.config or _file_in_use(ctx),
        state_dir=ctx.told_state_dir,
        counts=store.runs.counts(),
        running=tuple(with_progress(ctx, store.runs.history(HistoryFilter(statuses=(Status.RUNNING,), limit=_SHOWN)))),
        waiting=tuple(waiting(ctx, _WAITING_SHOWN)),
        failing=failing,
        failing_more=failing_more,
        missed=tuple(missed[:_SHOWN]),
        missed_more=max(0, len(missed) - _SHOWN),
        next=soonest_starts(ctx),
        pauses=pauses,
        alerts=tuple(sorted(alerts, key=_high_first)[:_SHOWN]),
        alerts_more=max(0, len(alerts) - _SHOWN),
        alerts_high=sum(alert.severity == "high" for alert in alerts),
        queues=queues(ctx, pauses),
        host=host_state(ctx),
    )


def _high_first(alert: Alert) -> bool:
    return alert.severity != "high"


def _file_in_use(ctx: Context) -> str | None:
    """The jobs file, if the stored jobs are its own: without a daemon they may be those of another one."""
    path = str(ctx.places.jobs_file)
    return path if path in ctx.store.jobs.files() else None


def soonest_starts(ctx: Context, limit: int = _SHOWN) -> tuple[Start, ...]:
    """What starts next: slots of jobs, unless the daemon was told to start none, and the runs that wait for a time of
    their own."""
    slots = [
        Start(row.next_at, row.name, row.timezone, clock_triggers(row.schedule))
        for row in ctx.store.jobs.soonest(limit)
        if row.next_at is not None
    ]
    if ctx.daemon_pid is None and slots and slots[0].at < ctx.clock.now():
        # The schedules of all jobs, only where nobody has followed the plan.
        from jobctl.operations.upcoming import first_starts

        slots = first_starts(ctx, ctx.store.jobs.rows(), limit)
    if scheduling_off(ctx.store.service.info() if ctx.daemon_pid is not None else None) is not None:
        slots = []
    waiting = [start_of(run, None) for run in ctx.store.runs.releases(limit)]
    return tuple(sorted(slots + waiting, key=lambda start: (start.at, start.job))[:limit])


def _failing(ctx: Context) -> tuple[tuple[Failing, ...], int]:
    """The first of them, and how many more jobs there are."""
    failing = ctx.store.runs.failing()
    first = [(ctx.store.runs.get(run_id), count) for run_id, count in failing[:_SHOWN]]
    return tuple(Failing(run, count) for run, count in first if run is not None), max(0, len(failing) - _SHOWN)


def daemon_state(ctx: Context) -> DaemonState:
    """Whether the daemon lives is asked of its lock; the rest is what it last wrote about itself."""
    pid = ctx.daemon_pid
    info = ctx.store.service.info()
    jobs = ctx.store.jobs.count()
    beat = ctx.store.service.last_beat()
    if pid is None or info is None:
        seen = absence(ctx) if pid is None else None
        return DaemonState(pid is not None, pid, None, None, None, None, jobs, last_beat_at=beat, seen=seen)
    return DaemonState(
        True, pid, info.version, info.started_at, info.config, info.reloaded_at, jobs, info.scheduling,
        info.draining_at, standstill(ctx) is not None, beat,
    )  # fmt: skip


def host_state(ctx: Context) -> HostState:
    """Load, memory and disk, from the kernel."""
    found = memory()
    return HostState(
        load=os.getloadavg(),
        cores=os.cpu_count() or 1,
        memory_total=found.get("MemTotal"),
        memory_available=found.get("MemAvailable"),
        disk_free=disk_free(ctx),
    )


def disk_free(ctx: Context) -> int:
    """Bytes that may still be written below the state directory."""
    usage = os.statvfs(ctx.places.state_dir)
    return usage.f_bavail * usage.f_frsize
