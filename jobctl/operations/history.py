"""Runs of the past, and the runs of the present as they end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from jobctl.domain.run import FINAL, Run, Status
from jobctl.domain.run_id import EPOCH_MS, make
from jobctl.errors import NotFound
from jobctl.operations.context import Context
from jobctl.operations.freshness import conclude_what_has_ended
from jobctl.operations.progress import with_progress
from jobctl.operations.selection import matching, select_jobs
from jobctl.store.records import HistoryFilter

_LOOK_EVERY = 0.25  # seconds between two looks at whether the store changed: one stat each
_PAGE = 1000
_OVERLAP = make(EPOCH_MS + 5_000, 0)  # ids of five seconds: what a maker may wait for the write lock
_UNFINISHED = tuple(status for status in Status if status not in FINAL)


def jobs_of_history(
    ctx: Context, patterns: Sequence[str] | None, group: str | None, tag: str | None
) -> tuple[str, ...]:
    """The jobs whose runs are meant; empty for all. A job that is no longer defined is found while it has runs."""
    if not patterns:
        return () if group is None and tag is None else tuple(select_jobs(ctx, None, group, tag))
    everywhere = ctx.store.jobs.names()
    defined = everywhere if group is None and tag is None else select_jobs(ctx, None, group, tag)
    found: set[str] = set()
    for pattern in patterns:
        try:
            found.update(matching(pattern, defined, everywhere))
        except NotFound:
            if pattern in everywhere or not ctx.store.runs.history(HistoryFilter(jobs=(pattern,), limit=1)):
                raise
            found.add(pattern)
    return tuple(sorted(found))


def history(ctx: Context, wanted: HistoryFilter) -> list[Run]:
    """Runs, newest first; those that run with what they said of their progress."""
    return with_progress(ctx, ctx.store.runs.history(wanted))


def goes_on(ctx: Context, wanted: HistoryFilter, found: int) -> bool:
    """Whether there are older runs than the `found` ones that the filter gave."""
    if found < wanted.limit:
        return False
    return bool(ctx.store.runs.history(wanted._replace(limit=1, offset=wanted.offset + found)))


def follow(ctx: Context, wanted: HistoryFilter, pause: Callable[[float], None] = time.sleep) -> Iterator[Run]:
    """The newest runs, oldest first, then every run when it reaches a wanted status, without end.

    Without wanted statuses that is when it has ended. `limit` bounds the runs of the beginning only.
    """
    reached = wanted._replace(statuses=wanted.statuses or tuple(sorted(FINAL)))
    everything = wanted._replace(statuses=(), limit=_PAGE, offset=0)
    ctx.store.changed()
    newest = history(ctx, HistoryFilter(limit=1))
    last_id = newest[0].id if newest else 0
    known = {run.id: run.status for run in _made_lately(ctx, everything, last_id)}
    known |= {run.id: run.status for run in history(ctx, everything._replace(statuses=_UNFINISHED))}
    first = history(ctx, reached._replace(after_id=None))  # last: what ends from here on is a change to what is known
    known |= {run.id: run.status for run in first}
    yield from reversed(first)
    while True:
        for run in _changed_runs(ctx, everything, known, last_id):
            last_id = max(last_id, run.id)
            if run.status in reached.statuses and known.get(run.id) is not run.status:
                yield run
            known[run.id] = run.status
        for run_id in [id_ for id_, status in known.items() if status in FINAL and id_ <= last_id - _OVERLAP]:
            del known[run_id]
        while not (ctx.store.changed() or _has_concluded(ctx)):
            pause(_LOOK_EVERY)


def _has_concluded(ctx: Context) -> bool:
    """Without a daemon: whether this call itself has just concluded what was over."""
    unfinished = len(ctx.store.attempts.unfinished()) if ctx.daemon_pid is None else 0
    conclude_what_has_ended(ctx)
    return unfinished > 0 and len(ctx.store.attempts.unfinished()) < unfinished


def _changed_runs(ctx: Context, everything: HistoryFilter, known: dict[int, Status], last_id: int) -> Iterator[Run]:
    for run_id, status in list(known.items()):
        if status in FINAL:
            continue
        run = ctx.store.runs.get(run_id)
        if run is None:
            del known[run_id]
        elif run.status is not status:
            yield run
    yield from _made_lately(ctx, everything, last_id)


def _made_lately(ctx: Context, everything: HistoryFilter, last_id: int) -> Iterator[Run]:
    """The runs after the last one, and those shortly before: an id tells when its maker began, not when it was done."""
    after = max(0, last_id - _OVERLAP)
    while page := history(ctx, everything._replace(after_id=after)):
        yield from page
        after = page[-1].id
        if len(page) < _PAGE:
            return
