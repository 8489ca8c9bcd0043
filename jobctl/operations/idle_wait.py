"""Runs that `wait_for_idle` holds, for those who look at them: the daemon decides by the same rule at its next look."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from jobctl.domain.admission import HELD_FOR_LOAD, held_for_load, latest_start, waits_for_idle
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.starts import Start
from jobctl.process.host import host_load

if TYPE_CHECKING:
    from jobctl.domain.job import WaitForIdle

_LOOKED_AT = 1000  # waiting runs


def busy_host(definition: Mapping[str, Any], run: Run, now: int) -> str | None:
    """Why a QUEUED run of a job so defined waits for a machine that is less busy; None when it does not."""
    wait = _wait_of(definition)
    return held_for_load(wait, host_load()) if wait is not None and waits_for_idle(wait, run, now) else None


def held_runs(ctx: Context, jobs: Collection[str] = ()) -> list[tuple[Run, int | None]]:
    """The runs that a busy machine holds now, and when each starts at the latest (ms; None: nobody has said); of all
    jobs where `jobs` is empty."""
    now = ctx.clock.now()
    runs = [run for run in ctx.store.runs.waiting(_LOOKED_AT, (), ()) if not jobs or run.job in jobs]
    names = {run.job for run in runs}
    waits = {name: _wait_of(json.loads(ctx.store.jobs.definition(name) or "{}")) for name in names}
    host = host_load() if any(waits.values()) else None
    found: list[tuple[Run, int | None]] = []
    for run in runs:
        wait = waits[run.job]
        if host is not None and wait is not None and waits_for_idle(wait, run, now) and held_for_load(wait, host):
            found.append((run, None if wait.latest is None else latest_start(wait, run.due_at)))
    return found


def latest_starts(ctx: Context, jobs: Collection[str], zone: str) -> list[Start]:
    """When the runs that are held now start at the latest, where that was said."""
    return [
        Start(at, run.job, zone, f"run {to_text(run.id)}, {HELD_FOR_LOAD} until then at the latest", run.id)
        for run, at in held_runs(ctx, jobs)
        if at is not None
    ]


def _wait_of(definition: Mapping[str, Any]) -> WaitForIdle | None:
    conditions = definition.get("wait_for_idle")
    if conditions is None:
        return None
    from jobctl.domain.job import WaitForIdle  # with it what a job is, for the few that wait so

    return WaitForIdle(**conditions)
