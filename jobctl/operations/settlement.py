"""The end of an attempt, written into the store where no daemon does it.

A living daemon settles every attempt. Without one it is whoever executes or stops the attempt, in the same words: all
conclusions are conditional moves, so it does not matter who comes first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobctl.domain.alert_policy import policy_of
from jobctl.domain.outcome import AttemptEnd, conclude, lost_end, with_full_disk, with_left
from jobctl.domain.policies import RetryPolicy
from jobctl.domain.retry import policy_from
from jobctl.domain.run import Attempt, AttemptState, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.operations.secrecy import without_secrets
from jobctl.process import progress_file, result
from jobctl.process.host import is_full
from jobctl.process.recovery_view import Fate, Finding, inspect
from jobctl.store.run_alerts import note_end
from jobctl.store.succession import follow_ends

if TYPE_CHECKING:
    from jobctl.store.interface import Store

_MOST_NAMED = 3


def settle(ctx: Context, run: Run, number: int, policy: RetryPolicy, end: AttemptEnd) -> bool:
    """Conclude attempt `number` of `run` with its end and its result. False: somebody had done it already."""
    state_dir, run_id = ctx.places.state_dir, to_text(run.id)
    left = result.collect(state_dir, run_id, number)
    progress = progress_file.collect(state_dir, run_id, number)
    attempted = run._replace(attempt=number)
    conclusion = with_left(conclude(attempted, policy, end, _jitter()), left, progress)
    if conclusion.result or conclusion.message or conclusion.reason:
        end, conclusion = without_secrets(ctx, run.job, end, conclusion)
    if is_full(state_dir):
        conclusion = with_full_disk(conclusion, end)
    with ctx.store.transaction():
        concluded = ctx.store.attempts.conclude(run.id, number, end, conclusion)
        if concluded:
            note_end(ctx.store, attempted, end, conclusion, policy_of(ctx.store.jobs.definition(run.job)))
        follow(ctx)
    result.remove(state_dir, run_id, number)
    return concluded


def _jitter() -> float:
    """In [0, 1), without all that `random` imports."""
    return int.from_bytes(os.urandom(6)) / 2**48


def follow(ctx: Context) -> None:
    """Without a daemon: queue what comes after the runs that have ended, in the caller's transaction. A daemon that
    comes starts it, whether this is done or not."""
    if ctx.daemon_pid is None:
        info = ctx.store.service.info()
        follow_ends(ctx.store, ctx.clock.now(), scheduling=info is None or info.scheduling)


def settle_abandoned(ctx: Context, run_id: int) -> None:
    """Without a daemon: conclude the run's attempt if its keeper is gone. Nothing happens while the keeper lives, or
    while processes of the run live on without one."""
    attempt = unfinished_attempt(ctx.store, run_id)
    run = ctx.store.runs.get(run_id)
    if attempt is None or run is None or run.status is not Status.RUNNING:
        return
    settle_fate(ctx, run, attempt, _policy_in_force(ctx.store, attempt))


def settle_all_abandoned(ctx: Context) -> tuple[str, ...]:
    """Without a daemon: conclude every attempt whose keeper is gone. Each on its own: where a record cannot be read, or
    an end not stored, the run stays as it was and is named in a sentence for each reason."""
    left: dict[str, list[str]] = {}
    for attempt in ctx.store.attempts.unfinished():
        if (why := why_unsettled(ctx, attempt.run_id)) is not None:
            left.setdefault(why, []).append(to_text(attempt.run_id))
    return tuple(f"shown as stored last: {_named(runs)} ({why})" for why, runs in left.items())


def why_unsettled(ctx: Context, run_id: int) -> str | None:
    """As `settle_abandoned`, and what keeps it from being done; None: nothing does."""
    try:
        settle_abandoned(ctx, run_id)
    except JobctlError as problem:
        return problem.message
    except OSError as problem:
        return f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem.strerror)
    return None


def _named(runs: list[str]) -> str:
    more = f" and {len(runs) - _MOST_NAMED:,} more" if len(runs) > _MOST_NAMED else ""
    return f"run{'s' if len(runs) > 1 else ''} {', '.join(runs[:_MOST_NAMED])}{more}"


def settle_fate(ctx: Context, run: Run, attempt: Attempt, policy: RetryPolicy) -> Fate:
    """Ask after an attempt whose keeper may be gone, and write down what that says."""
    found = inspect(ctx.places.keepers_dir, attempt.keeper, attempt.token, to_text(run.id), attempt.number)
    if found.fate is Fate.NEVER_STARTED:
        ctx.store.attempts.withdraw(run.id, attempt.number, attempt.token, ctx.clock.now())
    elif found.fate is Fate.UNSUPERVISED and attempt.state is not AttemptState.UNSUPERVISED:
        ctx.store.attempts.unsupervised(run.id, attempt.number, attempt.token)
    elif (end := _end_of(found, attempt, ctx.clock.now())) is not None:
        if end.lost:
            from jobctl.process import payload  # and what payloads are, where one may be left

            payload.remove_left(ctx.places.state_dir, to_text(run.id), attempt.number)
        settle(ctx, run, attempt.number, policy, end)
    return found.fate


def _end_of(found: Finding, attempt: Attempt, now: int) -> AttemptEnd | None:
    if found.fate is Fate.LOST:
        return lost_end(attempt.token, attempt.started_at, now, machine_down=found.machine_down)
    return found.end


def unfinished_attempt(store: Store, run_id: int) -> Attempt | None:
    """The attempt of a run that has not ended."""
    attempts = store.attempts.of_run(run_id)
    return attempts[-1] if attempts and attempts[-1].state is not AttemptState.ENDED else None


def _policy_in_force(store: Store, attempt: Attempt) -> RetryPolicy:
    text = store.jobs.retry_policy_of(attempt.run_id, attempt.number)
    return RetryPolicy() if text is None else policy_from(text)
