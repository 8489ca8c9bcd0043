"""Whether the attempts under way are as they should be: the part of `health` that asks the keepers' records."""

from __future__ import annotations

import json

from jobctl.domain.run import Attempt, AttemptState
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.health_report import Check, Health
from jobctl.operations.unstored_end import unstored_end
from jobctl.process.record import read as read_record

_STUCK_AFTER = 60.0  # seconds beyond timeout and grace: by then even a busy host has killed it
_UNSETTLED_AFTER = 60.0  # seconds: a daemon that is held up by nothing needs a few milliseconds


def attempt_checks(ctx: Context) -> list[Check]:
    """All that is asked of them."""
    return [_stuck_runs(ctx), _unsupervised(ctx), *_unread(ctx), _unsettled(ctx)]


def _stuck_runs(ctx: Context) -> Check:
    stuck = []
    attempts = ctx.store.attempts.unfinished()
    for attempt in attempts:
        definition = json.loads(ctx.store.jobs.retry_policy_of(attempt.run_id, attempt.number) or "{}")
        timeout = definition.get("timeout")
        if timeout is None:
            continue
        allowed = timeout + definition.get("grace", 0) + _STUCK_AFTER
        if ctx.clock.now() - attempt.started_at > 1000 * allowed:
            stuck.append(to_text(attempt.run_id))
    if stuck:
        return Check("runs", Health.CRITICAL, f"running far beyond their timeout: {', '.join(stuck)}")
    return Check("runs", Health.OK, f"{len(attempts)} running, none stuck")


def _unsupervised(ctx: Context) -> Check:
    alone = [
        to_text(attempt.run_id)
        for attempt in ctx.store.attempts.unfinished()
        if attempt.state is AttemptState.UNSUPERVISED
    ]
    if alone:
        return Check("supervision", Health.WARNING, f"running without a keeper: {', '.join(alone)}")
    return Check("supervision", Health.OK, "all supervised")


def _unread(ctx: Context) -> list[Check]:
    """Attempts of which nobody can say whether they run: the disk does not give back what their keepers wrote."""
    reasons = {
        to_text(attempt.run_id): reason
        for attempt in ctx.store.attempts.unfinished()
        if (reason := _why_unread(ctx, attempt)) is not None
    }
    if not reasons:
        return []
    words = f"not known whether they run, for their records cannot be read: {', '.join(reasons)}"
    if len(reasons) == 1:
        words = f"the record of {next(iter(reasons))} cannot be read, it is not known whether it runs"
    return [Check("records", Health.WARNING, f"{words} ({next(iter(reasons.values()))})")]


def _why_unread(ctx: Context, attempt: Attempt) -> str | None:
    """None for a record that is not there: that is known, and the attempt is concluded without."""
    try:
        read_record(ctx.places.keepers_dir / attempt.keeper)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return f"{problem.filename}: {problem.strerror}"
    return None


def _unsettled(ctx: Context) -> Check:
    """Attempts that ended, by the word of their keeper, and that the daemon should have concluded long ago."""
    late = (
        []
        if ctx.daemon_pid is None
        else [run for attempt in ctx.store.attempts.unfinished() if (run := _late(ctx, attempt))]
    )
    if late:
        return Check("conclusions", Health.CRITICAL, f"ended, and the daemon has not stored the end: {', '.join(late)}")
    return Check("conclusions", Health.OK, "all ends stored")


def _late(ctx: Context, attempt: Attempt) -> str | None:
    end = unstored_end(ctx, attempt)
    if end is None:
        return None
    return to_text(attempt.run_id) if ctx.clock.now() - end.finished_at > 1000 * _UNSETTLED_AFTER else None
