"""A pause that is over and kept a run from starting in time, read from the trail."""

from __future__ import annotations

from jobctl.domain.run import Run
from jobctl.operations.context import Context
from jobctl.operations.saying import Say
from jobctl.store.records import Event

_EVENTS_READ = 1000  # before the start, newest first
_SECOND = 1_000


def past_pause(ctx: Context, run: Run, say: Say) -> str | None:
    """Who held the run after it was due and who let it go, in a sentence; None when it started at once, or nothing is
    known of a pause that somebody ended meanwhile. One that ended by itself left no word of that."""
    if run.started_at is None or run.wait is None or run.wait < _SECOND:
        return None
    due_at = run.started_at - run.wait
    events = ctx.store.events.recent(_EVENTS_READ, until=run.started_at + 1)
    for place, end in enumerate(events):
        if end.at < due_at:  # no end of the search: a pause that is renewed is told anew, of when it began
            continue
        if end.action != "resume" or (what := _what(end)) not in ("everything", f"queue {run.queue}"):
            continue
        pause = next((event for event in events[place:] if event.action == "pause" and _what(event) == what), None)
        if pause is not None:
            reason = (pause.detail or "").removeprefix(what).removeprefix(": ")
            why = f" ({reason})" if reason else ""
            return f"{what} was paused by {pause.actor} {say(pause.at)}{why} and resumed by {end.actor} {say(end.at)}"
    return None


def _what(event: Event) -> str:
    """What a pause held, which its events say before the reason. Older ones did not say that it was everything."""
    what = (event.detail or "").partition(": ")[0]
    return what if what.startswith("queue ") else "everything"
