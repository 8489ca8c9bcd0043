"""How long a job usually takes."""

from __future__ import annotations

from jobctl.domain.run import Status
from jobctl.operations.context import Context
from jobctl.store.records import HistoryFilter

_LOOKED_AT = 50  # runs: enough for a habit, few enough to ask while somebody waits


def usual_seconds(ctx: Context, job: str) -> float | None:
    """The median of the successes among the newest runs of the job; None when there is none."""
    runs = ctx.store.runs.history(HistoryFilter(jobs=(job,), limit=_LOOKED_AT))
    lengths = sorted(
        run.finished_at - run.started_at
        for run in runs
        if run.status is Status.SUCCEEDED and run.finished_at is not None and run.started_at is not None
    )
    return lengths[len(lengths) // 2] / 1000 if lengths else None
