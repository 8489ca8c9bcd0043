"""The audit trail: who did what when."""

from __future__ import annotations

from jobctl.operations.context import Context
from jobctl.operations.secrecy import masked_text
from jobctl.store.records import Event, HistoryFilter


def trail(ctx: Context, wanted: HistoryFilter) -> list[Event]:
    """The acts within `since` and `until`, newest first, at most `limit`. With jobs only what was done to one of them:
    a pause or a reload is of no job."""
    found = [
        event
        for job in wanted.jobs or (None,)
        for event in ctx.store.events.recent(wanted.limit, job, wanted.since, wanted.until)
    ]
    found.sort(key=lambda event: event.at, reverse=True)  # the end of a disabling is found later than it is
    return [masked_event(ctx, event) for event in found[: wanted.limit]]


def masked_event(ctx: Context, event: Event) -> Event:
    """The act as it may be shown: a payload that was changed is told as it was before."""
    if event.job is None or not event.detail:
        return event
    return event._replace(detail=masked_text(ctx, event.job, event.detail))
