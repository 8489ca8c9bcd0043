"""`reload`: the jobs file is checked here first, then the daemon takes it into force, all or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

from jobctl.config.fingerprints import NEED_RESTART, differing, fingerprints
from jobctl.domain.reload_plan import ReloadPlan, plan
from jobctl.domain.settings import Configuration
from jobctl.errors import DaemonUnavailable, JobsFileError, Problem, Refused
from jobctl.operations.context import Context, actor
from jobctl.operations.definitions import change, load_with_doubts, next_starts
from jobctl.operations.pace import Pace

_ANSWER_WITHIN_MS = 10_000
OLD_IN_FORCE = "nothing was reloaded: the jobs from before stay in force"


@dataclass(frozen=True, slots=True)
class Reload:
    """What a reload does or did. Instants are milliseconds; None: the clock does not start the job."""

    plan: ReloadPlan
    settings: tuple[str, ...]  # keys outside of jobs whose values differ from those of the daemon; none without one
    need_restart: tuple[str, ...]  # those among them that a reload cannot change
    warnings: tuple[Problem, ...]  # what `check` doubts
    next_before: dict[str, int | None]
    next_after: dict[str, int | None]
    jobs: int  # defined afterwards


def plan_reload(ctx: Context) -> Reload:
    """What `reload` would change. JobsFileError with all problems of the file."""
    try:
        loaded = load_with_doubts(ctx)
    except JobsFileError as error:
        error.hint = error.hint or OLD_IN_FORCE  # of a file that is no TOML the problem says all there is to mend
        raise
    configuration = loaded.configuration
    with ctx.store.snapshot():
        stored, digests = ctx.store.jobs.definitions(), ctx.store.jobs.digests()
    found = plan(stored, change(digests, configuration))
    settings = _changed_settings(ctx, configuration)
    touched = [*found.added, *(job.name for job in found.changed)]
    return Reload(
        plan=found,
        settings=settings,
        need_restart=tuple(key for key in settings if key in NEED_RESTART),
        warnings=loaded.warnings,
        next_before={name: stored[name].next_at for name in (*touched, *found.removed) if name in stored},
        next_after=next_starts(configuration, touched, ctx.clock.now()),
        jobs=len(configuration.jobs),
    )


def _changed_settings(ctx: Context, configuration: Configuration) -> tuple[str, ...]:
    info = ctx.store.service.info() if ctx.daemon_pid is not None else None
    if info is None or info.settings is None:
        return ()
    return differing(json.loads(info.settings), fingerprints(configuration.settings))


def reload(ctx: Context) -> Reload:
    """Have the daemon take the file into force, and wait until it did.

    JobsFileError: the file is refused, nothing changed. DaemonUnavailable: none lives, or it does not answer. Refused:
    the daemon reads another jobs file.
    """
    if ctx.daemon_pid is not None:
        _require_same_file(ctx)
    planned = _planned_or_remembered(ctx)
    if ctx.daemon_pid is None:
        raise DaemonUnavailable(
            "no daemon is running that could reload",
            "the jobs file is read when one starts; `--plan` shows what changes",
        )
    request = ctx.store.service.request_reload(actor(), ctx.clock.now())
    ctx.ring()
    _await_answer(ctx, request)
    return planned


def _planned_or_remembered(ctx: Context) -> Reload:
    """The plan. A file that cannot be used is never shown to the daemon, but what the refusal means is kept."""
    try:
        return plan_reload(ctx)
    except JobsFileError as error:
        if ctx.daemon_pid is not None:
            ctx.store.service.refused(error.message)
            raise JobsFileError(error.message, OLD_IN_FORCE, error.problems) from error
        raise


def _await_answer(ctx: Context, request: int) -> None:
    deadline = ctx.clock.boottime() + _ANSWER_WITHIN_MS
    pace = Pace()
    while True:
        answer = ctx.store.service.reload_request(request)
        if answer is not None and answer.done_at is not None:
            break
        if ctx.daemon_pid is None:
            raise DaemonUnavailable("the daemon stopped before it reloaded", "it reads the jobs file when it starts")
        if ctx.clock.boottime() >= deadline:
            raise DaemonUnavailable(
                f"the daemon (pid {ctx.daemon_pid}) has not answered within {_ANSWER_WITHIN_MS // 1000} seconds",
                "it reloads as soon as it can; its own log says what keeps it",
            )
        pace.rest()
    if answer.error is not None:
        raise JobsFileError(answer.error, OLD_IN_FORCE)


def _require_same_file(ctx: Context) -> None:
    info = ctx.store.service.info()
    if info is not None and info.config != str(ctx.places.jobs_file):
        raise Refused(
            f"the daemon of {ctx.places.state_dir} reads {info.config}, not {ctx.places.jobs_file}",
            f"call `jobctl reload --config {info.config}`",
        )
