"""Ended runs are selected, get another chance, are dismissed, or are deleted with their logs. Many of them in slices:
who is interrupted may call again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from jobctl.domain.run import DEAD, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.context import Context, actor
from jobctl.operations.slices import sliced
from jobctl.operations.stored_runs import Runs, StoredRuns
from jobctl.process.old_logs import remove_logs
from jobctl.store.records import Event, HistoryFilter, Log

_MANY = 1_000_000
_RETRIED_BY_DEFAULT = tuple(sorted(DEAD))
KEPT_COMMANDS = tuple(origin for origin in Origin if origin is not Origin.EXEC)
"""Of what can be started again: nobody has kept a command of `exec`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which ended runs, when they are not named: dead letters, unless statuses are given and `dead` is not."""

    jobs: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    origins: tuple[Origin, ...] = ()
    since: int | None = None
    dead: bool = False
    with_kept: bool = True  # those that somebody made with --keep


def dead_letters(ctx: Context, jobs: Sequence[str] = (), limit: int = _MANY) -> list[Run]:
    """Runs that ended badly with no attempt left and that nobody has made up for, newest first."""
    return ctx.store.runs.history(HistoryFilter(jobs=tuple(jobs), dead_letters=True, limit=limit))


def selected(ctx: Context, selection: Selection) -> StoredRuns:
    """The runs of a selection, oldest first."""
    wanted = HistoryFilter(
        jobs=selection.jobs,
        statuses=selection.statuses or _RETRIED_BY_DEFAULT,
        origins=selection.origins,
        since=selection.since,
        dead_letters=selection.dead or not selection.statuses,
        limit=_MANY,
    )
    found = ctx.store.runs.history_ids(wanted)
    found.reverse()
    if not selection.with_kept:
        found = [run.id for run in StoredRuns(ctx, found) if not run.keep]
    return StoredRuns(ctx, found)


def refuse_what_cannot_be_retried(runs: Runs) -> None:
    """Refused for the first run that has not ended, or that ended in a way that needs no other attempt."""
    for run in runs:
        if run.can_be_retried:
            continue
        if not run.status.is_final:
            raise Refused(f"{to_text(run.id)} is {run.status.word}", "only a run that has ended can be retried")
        if run.origin is Origin.EXEC:
            raise Refused(
                f"{to_text(run.id)} was a command given to `jobctl exec`, which is not kept",
                "call `jobctl exec` with it again",
            )
        raise Refused(
            f"{to_text(run.id)} ended {run.status.word.replace('_', ' ')}: there is nothing to retry",
            f"`jobctl run {run.job}` makes a new run",
        )


def refuse_those_of_removed_jobs(ctx: Context, runs: Runs) -> None:
    """Refused for the first run whose job is not defined any more."""
    defined = set(ctx.store.jobs.names())
    for run in runs:
        if run.job not in defined:
            raise Refused(
                f"{to_text(run.id)} cannot be retried: {run.job} is not in the jobs file any more",
                f"bring the job back, or take the run off the dead letters: `jobctl dismiss {to_text(run.id)}`",
            )


def without_removed_jobs(ctx: Context, runs: Runs) -> tuple[StoredRuns, Counter[str]]:
    """The runs whose jobs are defined, and how many there are of each other job: nothing could start those, so they
    would end cancelled and be dead letters no more."""
    defined = set(ctx.store.jobs.names())
    startable: list[int] = []
    others: Counter[str] = Counter()
    for run in runs:
        if run.job in defined:
            startable.append(run.id)
        else:
            others[run.job] += 1
    return StoredRuns(ctx, startable), others


def retry(ctx: Context, runs: Runs, payloads: Mapping[int, str | None] | None = None) -> StoredRuns:
    """Queue the runs again, each with the retry budget that it was given itself or that its job has now; those that
    somebody else has moved meanwhile are left out. `payloads` are new ones by id (see `edits`); the trail of events
    keeps the one before. Returns what waits now."""
    now, who = ctx.clock.now(), actor()
    new = payloads or {}
    budget = cache(partial(_attempts_of, ctx))
    retried = []
    for part in sliced(runs):
        with ctx.store.transaction():
            for run in part:
                if ctx.store.runs.retry(run.id, now, budget(run.job), new.get(run.id)):
                    known = new.get(run.id, run.params) == run.params
                    detail = None if known else f"params before: {run.params or '{}'}"
                    ctx.store.events.record(Event(now, who, "retry", job=run.job, run_id=run.id, detail=detail))
                    retried.append(run.id)
    ctx.ring()
    return StoredRuns(ctx, retried)


def dismiss(ctx: Context, runs: Runs) -> Iterator[Run]:
    """Take the runs off the dead letters; what they were stays in the history. Those that were none are left out."""
    for part in sliced(runs):
        yield from _each(ctx, part, "dismiss", ctx.store.runs.dismiss)


def delete(ctx: Context, runs: Runs) -> Iterator[Run]:
    """Remove ended runs with their attempts and logs. Those that have not ended are left out."""
    for part in sliced(runs):
        logs = {run.id: [Log(run.id, one.number) for one in ctx.store.attempts.of_run(run.id)] for run in part}
        deleted = _each(ctx, part, "delete", ctx.store.runs.delete)
        litter = [log for run in deleted for log in logs[run.id]]
        # After the commit: a log without its run is litter, which the store knows of, a run without its log a riddle.
        for problem in remove_logs(ctx.places.log_file(*log) for log in litter):
            raise problem
        ctx.store.retention.cleared(litter)
        yield from deleted


def _each(ctx: Context, runs: Sequence[Run], action: str, change: Callable[[int], bool]) -> list[Run]:
    now, who = ctx.clock.now(), actor()
    changed = []
    with ctx.store.transaction():
        for run in runs:
            if change(run.id):
                ctx.store.events.record(Event(now, who, action, job=run.job, run_id=run.id))
                changed.append(run)
    return changed


def _attempts_of(ctx: Context, job: str) -> int:
    definition = ctx.store.jobs.definition(job)
    return int(json.loads(definition)["retries"]) + 1 if definition else 1
