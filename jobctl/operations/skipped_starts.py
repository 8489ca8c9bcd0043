"""Runs that go on for too long while the slots of their job are skipped, as health and the doctor tell of them: nothing
fails and nothing is missed, and yet the job does its work no more."""

from __future__ import annotations

import json
from typing import NamedTuple

from jobctl.domain.policies import Overlap
from jobctl.domain.run import Attempt, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.operations.context import Context
from jobctl.operations.usual import usual_seconds
from jobctl.store.records import HistoryFilter

_TOO_OFTEN = 3  # slots, as of missed ones
_AT_LEAST = 600.0  # seconds; many a job skips a slot or two each time, as it is meant to
_TIMES_THE_USUAL = 2
_COUNTED = 100
_NAMED = 3


class Holding(NamedTuple):
    """A run that keeps its job from starting again: how many slots were skipped since it was made, and how many seconds
    its attempt has run."""

    run: Run
    skipped: int
    seconds: float


def skipped_starts(ctx: Context) -> tuple[str, str] | None:
    """The runs that hold off their jobs, the longest first, and what tells more; None where there are none."""
    found = [held for attempt in ctx.store.attempts.unfinished() if (held := _holding(ctx, attempt)) is not None]
    if not found:
        return None
    found.sort(key=lambda held: -held.seconds)
    each = [f"{held.run.job} {_words(held)}" for held in found[:_NAMED]]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"starts skipped in a row: {', '.join(each)}{more}", f"`jobctl show {to_text(found[0].run.id)}`"


def _words(held: Holding) -> str:
    count = f"{held.skipped}" + ("" if held.skipped < _COUNTED else " and more")
    return f"{count} while {to_text(held.run.id)} runs, for {format_duration(held.seconds)} by now"


def _holding(ctx: Context, attempt: Attempt) -> Holding | None:
    seconds = (ctx.clock.now() - attempt.started_at) / 1000
    if seconds < _AT_LEAST:
        return None
    definition = json.loads(ctx.store.jobs.retry_policy_of(attempt.run_id, attempt.number) or "{}")
    run = ctx.store.runs.get(attempt.run_id)
    if run is None or definition.get("overlap") != Overlap.SKIP.value:
        return None
    since = HistoryFilter(jobs=(run.job,), since=run.created_at, limit=_COUNTED)
    later = [one for one in ctx.store.runs.history(since) if one.id > run.id]
    skipped = sum(one.status is Status.SKIPPED for one in later)
    if skipped < _TOO_OFTEN or any(one.started_at is not None for one in later):
        return None
    usual = usual_seconds(ctx, run.job)
    if usual is not None and seconds <= _TIMES_THE_USUAL * usual:
        return None
    return Holding(run, skipped, seconds)
