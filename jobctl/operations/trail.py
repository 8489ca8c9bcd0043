"""The audit trail: who did what when."""

from __future__ import annotations

from jobctl.operations.context import Context
from jobctl.store.records import Event, HistoryFilter


def trail(ctx: Context, wanted: HistoryFilter) -> list[Event]:
    """The acts within `since` and `until`, newest first, at most `limit`. With jobs only what was done to one of them:
    a pause or a reload is of no job."""
    if not wanted.jobs:
        return ctx.store.events.recent(wanted.limit, None, wanted.since, wanted.until)
    found = [
        event for job in wanted.jobs for event in ctx.store.events.recent(wanted.limit, job, wanted.since, wanted.until)
    ]
    found.sort(key=lambda event: event.at, reverse=True)
    return found[: wanted.limit]
