"""`enable`, `disable`, `pause`, `resume`: what starts by itself and what is held. Kept in the store, never in the jobs
file. Every one of them may be called twice."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.errors import JobsFileError, NotFound
from jobctl.operations.context import Context, actor
from jobctl.operations.daemon_word import queue_settings
from jobctl.operations.definitions import load_configuration, next_starts
from jobctl.operations.disablings import end_what_is_over
from jobctl.store.records import JobRow, Pause


class Switched(enum.Enum):
    """What became of a job that was to be enabled or disabled."""

    DONE = "done"
    ALREADY = "already"
    OFF_IN_FILE = "off_in_file"  # `enabled = false` in the jobs file, which no verb overrules


@dataclass(frozen=True, slots=True)
class JobSwitch:
    """A job after `enable` or `disable`. Instants are milliseconds."""

    job: str
    result: Switched
    enabled: bool
    until: int | None = None
    reason: str | None = None
    next_at: int | None = None
    place: str = ""  # of the definition in the jobs file


def enable(ctx: Context, names: Sequence[str]) -> list[JobSwitch]:
    """Undo `disable`. Slots that passed meanwhile are not caught up."""
    now, who = ctx.clock.now(), actor()
    with ctx.store.transaction():
        end_what_is_over(ctx, now)
        undone = {name for name in names if ctx.store.jobs.enable(name, who, now)}
        if undone:
            _plan_without_daemon(ctx, sorted(undone), now)
    ctx.ring()
    rows = {row.name: row for row in ctx.store.jobs.rows(names)}
    switches = []
    for name in names:
        row = rows[name]
        off = not _enabled_in_file(ctx, name)
        result = Switched.OFF_IN_FILE if off else Switched.DONE if name in undone else Switched.ALREADY
        next_at = row.next_at if off or row.next_at is not None or name not in undone else _planned_soon(ctx, row)
        switches.append(JobSwitch(name, result, not off, next_at=next_at, place=f"{row.file}:{row.line}"))
    return switches


def _planned_soon(ctx: Context, row: JobRow) -> int | None:
    """The start that the daemon is going to plan when it hears of this."""
    from jobctl.operations.upcoming import next_start_of  # the cron grammar, where a daemon lives

    return next_start_of(ctx, row)


def disable(ctx: Context, names: Sequence[str], seconds: float | None, reason: str | None) -> list[JobSwitch]:
    """Keep jobs from starting by themselves, for `seconds` or until they are enabled. Running ones run on. What was due
    before and nobody has decided yet, as no daemon ran, is not caught up either.

    A job that is disabled already takes the new end and the new reason.
    """
    now, who = ctx.clock.now(), actor()
    until = None if seconds is None else _whole_second(now + round(1000 * seconds))
    with ctx.store.transaction():
        end_what_is_over(ctx, now)
        before = {row.name: row.disabled_by is not None for row in ctx.store.jobs.rows(names)}
        for name in names:
            ctx.store.jobs.disable(name, who, now, until, reason)
        if ctx.daemon_pid is None:
            ctx.store.jobs.plan_next(dict.fromkeys(names))
    ctx.ring()
    return [
        JobSwitch(name, Switched.ALREADY if before.get(name) else Switched.DONE, False, until, reason) for name in names
    ]


def _whole_second(at: int) -> int:
    """Not before the instant, and as it is said: a slot at the second that a person reads is not kept from its run."""
    return -(-at // 1000) * 1000


@dataclass(frozen=True, slots=True)
class Held:
    """Starts are held as `pause` says; `before` is the hold that it replaced, if there was one."""

    pause: Pause
    before: Pause | None


def pause(ctx: Context, queue: str | None, seconds: float | None, reason: str | None) -> Held:
    """Hold all starts, or those of one queue, for `seconds` or until `resume`. NotFound: no job has such a queue."""
    _require_queue(ctx, queue)
    now = ctx.clock.now()
    before = _current(ctx, queue, now)
    until = None if seconds is None else now + round(1000 * seconds)
    wanted = Pause(queue, before.since if before else now, until, actor(), reason)
    ctx.store.switches.pause(wanted)
    ctx.ring()
    return Held(wanted, before)


def resume(ctx: Context, queue: str | None) -> bool:
    """Let starts go on. False: they were not held. NotFound: no job has such a queue."""
    now = ctx.clock.now()
    if _current(ctx, queue, now) is None:
        _require_queue(ctx, queue)
    resumed = ctx.store.switches.resume(queue, actor(), now)
    ctx.ring()
    return resumed


def pauses(ctx: Context) -> list[Pause]:
    """The holds in force."""
    return ctx.store.switches.pauses(ctx.clock.now())


def _current(ctx: Context, queue: str | None, now: int) -> Pause | None:
    return next((pause for pause in ctx.store.switches.pauses(now) if pause.queue == queue), None)


def _require_queue(ctx: Context, queue: str | None) -> None:
    if queue is None:
        return
    queues_of_jobs = {row.name: row.queue for row in ctx.store.jobs.rows()}
    known = {*queues_of_jobs.values(), "default"}
    if queue not in known and queue not in (known := known | _declared(ctx)):
        hint = f"the queues in use: {', '.join(sorted(known))}"
        if queue in queues_of_jobs:
            hint = (
                f"it is a job, of the queue {queues_of_jobs[queue]}; "
                f"`jobctl disable {queue}` and `jobctl enable {queue}` are for a job"
            )
        raise NotFound(f'no job uses a queue "{queue}"', hint)


def _declared(ctx: Context) -> set[str]:
    """The queues with limits: those of the daemon in force, without one those of the jobs file as far as it can be
    read."""
    if ctx.daemon_pid is not None:
        return set(queue_settings(ctx.store.service.info()))
    try:
        return set(load_configuration(ctx).settings.queues)
    except JobsFileError:
        return set()


def _enabled_in_file(ctx: Context, name: str) -> bool:
    definition = ctx.store.jobs.definition(name)
    return definition is None or bool(json.loads(definition)["enabled"])


def _plan_without_daemon(ctx: Context, names: Sequence[str], now: int) -> None:
    if ctx.daemon_pid is not None:
        return
    configuration = load_configuration(ctx)
    ctx.store.jobs.plan_next(next_starts(configuration, [name for name in names if name in configuration.jobs], now))
