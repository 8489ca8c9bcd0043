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


def latest_starts(ctx: Context, jobs: Collection[str], zone: str) -> list[Start]:
    """When the runs that are held now start at the latest, where that was said; of all jobs where `jobs` is empty."""
    now = ctx.clock.now()
    runs = [run for run in ctx.store.runs.waiting(_LOOKED_AT, (), ()) if not jobs or run.job in jobs]
    names = {run.job for run in runs}
    waits = {name: _wait_of(json.loads(ctx.store.jobs.definition(name) or "{}")) for name in names}
    if not any(waits.values()):
        return []
    host = host_load()
    found = []
    for run in runs:
        wait = waits[run.job]
        if wait is None or wait.latest is None or not waits_for_idle(wait, run, now):
            continue
        if held_for_load(wait, host) is not None:
            why = f"run {to_text(run.id)}, {HELD_FOR_LOAD} until then at the latest"
            found.append(Start(latest_start(wait, run.due_at), run.job, zone, why, run.id))
    return found


def _wait_of(definition: Mapping[str, Any]) -> WaitForIdle | None:
    conditions = definition.get("wait_for_idle")
    if conditions is None:
        return None
    from jobctl.domain.job import WaitForIdle  # with it what a job is, for the few that wait so

    return WaitForIdle(**conditions)
