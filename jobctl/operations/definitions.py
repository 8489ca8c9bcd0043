"""The definitions that the store holds, brought up to what the jobs file says. A living daemon does this itself; these
are for verbs that meet none.

What parses a jobs file is imported inside the functions: read verbs come here only to ask whether it changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from jobctl.config.stamps import is_unchanged, stamps_of
from jobctl.operations.context import Context
from jobctl.operations.starting_daemon import await_first_jobs

if TYPE_CHECKING:
    from jobctl.config.load import Loaded
    from jobctl.domain.definition_records import DefinitionChange, DefinitionDigest
    from jobctl.domain.settings import Configuration

_READINGS = 3  # of a file that changes each time: what is in force then is the last that stood still


def change(stored: Mapping[str, DefinitionDigest], configuration: Configuration) -> DefinitionChange:
    """What makes the stored definitions those of the file."""
    from jobctl.config.definition import definitions_of  # where a file was read, as msgspec, 30 ms
    from jobctl.domain import reload_plan

    return reload_plan.change(stored, definitions_of(configuration.jobs.values()), stamps_of(configuration))


def ensure_current(ctx: Context) -> None:
    """Without a daemon: take the jobs file into force if it is not the one that the store knows. The first daemon that
    is just starting is waited for, until it has done so.

    Costs a stat for each file when nothing changed. Raises JobsFileError when the file changed and cannot be used.
    """
    for _ in range(_READINGS):
        await_first_jobs(ctx)  # it may have come since the last reading
        if ctx.daemon_pid is not None or is_current(ctx):
            return
        _apply(ctx, load_configuration(ctx))


def _apply(ctx: Context, configuration: Configuration) -> None:
    """Take the file into force in one commit, unless it changed since it was read or a daemon has come: a newer
    reading is not written over by an older one."""
    from jobctl.signpost import put_up_names  # only where a file was read
    from jobctl.store.removed_jobs import close_alerts

    with ctx.store.transaction(locked=True):
        if ctx.daemon_pid is not None or not is_unchanged(ctx.places.jobs_file, stamps_of(configuration)):
            return
        now = ctx.clock.now()
        wanted = change(ctx.store.jobs.digests(), configuration)
        ctx.store.jobs.apply(wanted, now)
        ctx.store.jobs.plan_next(next_starts(configuration, [job.name for job in wanted.upserts], now))
        if wanted.removed:
            close_alerts(ctx.store, now)
    put_up_names(ctx.places.state_dir, configuration)


def is_current(ctx: Context) -> bool:
    """Whether the stored definitions were read from this jobs file as it is now."""
    return is_unchanged(ctx.places.jobs_file, ctx.store.jobs.files())


def load_configuration(ctx: Context) -> Configuration:
    """The jobs file as it is now. Raises JobsFileError with all its problems."""
    from jobctl.config.load import load  # the parser, only where the file must be read

    return load(ctx.places.jobs_file, ctx.clock.now()).configuration


def load_with_doubts(ctx: Context) -> Loaded:
    """The same with all that `check` doubts, also what the machine does not have, and a living daemon not in its
    environment."""
    from jobctl.config.load import load  # as above
    from jobctl.operations.daemon_environment import daemon_environment  # /proc, where doubts are asked for

    starters = daemon_environment(ctx)
    return load(ctx.places.jobs_file, ctx.clock.now(), look_around=True, starters=starters)


def next_slots(configuration: Configuration, names: Collection[str], now: int) -> dict[str, int | None]:
    """The next slots of jobs, in seconds; None: no clock starts the job."""
    from jobctl.config.system_zone import system_zone
    from jobctl.domain.schedule import compile_triggers  # the cron grammar, where a file was read

    zone = configuration.settings.timezone or system_zone()
    schedules = {name: compile_triggers(configuration.jobs[name].triggers, name, zone) for name in names}
    return {name: schedule.next_after(now // 1000) if schedule else None for name, schedule in schedules.items()}


def next_starts(configuration: Configuration, names: Collection[str], now: int) -> dict[str, int | None]:
    """When jobs start next by themselves, in milliseconds; None: not by the clock, or `enabled = false`."""
    return _starts(configuration, next_slots(configuration, names, now))


def starts_after(configuration: Configuration, slots: Mapping[str, int]) -> dict[str, int | None]:
    """The same after a slot of each job that has its run already."""
    following = {name: next_slots(configuration, [name], 1000 * slot)[name] for name, slot in slots.items()}
    return _starts(configuration, following)


def _starts(configuration: Configuration, slots: Mapping[str, int | None]) -> dict[str, int | None]:
    from jobctl.config.machine import machine_id  # as what follows: where a file was read
    from jobctl.domain.schedule import spread_offset

    machine = machine_id()
    starts: dict[str, int | None] = {}
    for name, slot in slots.items():
        job = configuration.jobs[name]
        if slot is None or not job.enabled:
            starts[name] = None
        else:
            starts[name] = 1000 * (slot + spread_offset(machine, name, slot, job.triggers.spread))
    return starts
