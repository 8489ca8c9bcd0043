"""How long a job usually takes."""

from __future__ import annotations

from jobctl.domain.run import Status
from jobctl.operations.context import Context
from jobctl.operations.selection import running_of
from jobctl.store.records import HistoryFilter

_LOOKED_AT = 50  # runs: enough for a habit, few enough to ask while somebody waits


def usual_seconds(ctx: Context, job: str) -> float | None:
    """The median of the successes among the newest runs of the job; None when there is none."""
    return _median(ctx, HistoryFilter(jobs=(job,), limit=_LOOKED_AT)) or _behind_what_waits(ctx, job)


def _behind_what_waits(ctx: Context, job: str) -> float | None:
    """The newest runs may all be waiting for the one that runs."""
    made = [run.created_at for run in running_of(ctx, job)]
    return _median(ctx, HistoryFilter(jobs=(job,), until=min(made), limit=_LOOKED_AT)) if made else None


def _median(ctx: Context, wanted: HistoryFilter) -> float | None:
    lengths = sorted(
        run.finished_at - run.started_at
        for run in ctx.store.runs.history(wanted)
        if run.status is Status.SUCCEEDED and run.finished_at is not None and run.started_at is not None
    )
    return lengths[len(lengths) // 2] / 1000 if lengths else None
