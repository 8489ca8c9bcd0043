"""The logs of jobs over all their runs: searched, or those of one followed from one run to the next."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from re import Pattern
from typing import NamedTuple

from jobctl.domain.run import BEGUN, Run
from jobctl.errors import NotFound
from jobctl.operations.context import Context
from jobctl.operations.output import AttemptLog, matching, read
from jobctl.store.records import HistoryFilter

_LOOK_EVERY_S = 0.25
_MOST_RUNS = 1_000_000


class Match(NamedTuple):
    """A line in which the pattern was found. `line` has its end, if it has one; `started_at` is when its attempt
    started: of a run that waits again after that, the run itself says no more."""

    run: Run
    attempt: int
    started_at: int | None
    line: bytes


def search(
    ctx: Context,
    jobs: Sequence[str],
    pattern: Pattern[bytes],
    *,
    since: int | None,
    attempt: int | None,
    last: int | None,
) -> Iterator[Match]:
    """The lines of all kept logs of the jobs in which the pattern is found, the oldest first; or the last of them.
    What comes from secrets is masked before it is looked at. Memory: a piece of one log, or the last lines."""
    runs = ctx.store.runs.history_ids(
        HistoryFilter(jobs=tuple(jobs), since=since, limit=_MOST_RUNS)
    )  # the newest first
    if last is None:
        for run_id in reversed(runs):
            yield from _of_run(ctx, run_id, pattern, attempt)
        return
    found: deque[Match] = deque()
    for run_id in runs:
        left = last - len(found)
        if left <= 0:
            break
        found.extendleft(reversed(deque(_of_run(ctx, run_id, pattern, attempt), maxlen=left)))
    yield from found


def newest_begun(ctx: Context, job: str) -> Run | None:
    """The newest run of a job that has begun, whatever became of it; None: there is none."""
    found = ctx.store.runs.history(HistoryFilter(jobs=(job,), statuses=BEGUN, limit=100))
    return next((run for run in found if run.attempt > 0), None)


def runs_to_come(ctx: Context, job: str, after: int, pause: Callable[[float], None] = time.sleep) -> Iterator[Run]:
    """The runs of a job made after that one, each once it has begun, without end. One that never began is passed over
    when a later one has."""
    wanted = HistoryFilter(jobs=(job,), statuses=BEGUN, limit=100)
    ctx.store.changed()
    while True:
        begun = [run for run in ctx.store.runs.history(wanted._replace(after_id=after)) if run.attempt > 0]
        if begun:
            after = begun[0].id
            yield begun[0]
            continue
        while not ctx.store.changed():
            pause(_LOOK_EVERY_S)


def _of_run(ctx: Context, run_id: int, pattern: Pattern[bytes], attempt: int | None) -> Iterator[Match]:
    run = ctx.store.runs.get(run_id)
    if run is None:  # it was pruned meanwhile
        return
    for one in ctx.store.attempts.of_run(run_id):
        if attempt is not None and one.number != attempt:
            continue
        log = AttemptLog(run, one.number, ctx.places.log_file(run.id, one.number))
        try:
            for line in matching(read(ctx, log), pattern):
                yield Match(run, one.number, one.started_at, line)
        except NotFound:  # pruned, or deleted by others
            continue
