"""Which alerts the end of a run opens, counts and closes, by what its job says is worth telling. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobctl.domain.alert import Alert, AlertKind, AlertState, Change, Trouble, occurred, persists, recovered
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.outcome import signal_name
from jobctl.domain.run import DEAD, Status
from jobctl.domain.units import format_duration

_MADE_UP_FOR_BY_SUCCESS = (AlertKind.FAILED, AlertKind.LOST, AlertKind.NO_SUCCESS, AlertKind.POISON)
_FEWEST = 5
_SHORTEST_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended for good, as far as alerts ask. `duration` is that of its last attempt, in seconds."""

    job: str
    run_id: int
    status: Status
    attempts: int
    exit_code: int | None
    signal: int | None
    reason: str | None
    duration: float | None
    quarantined: bool = False  # the daemon died while starting it, and will not try again
    dead_letters: int = 0  # of its job, after a success
    executed: bool = True  # False: the command could not be, and the exit code stands for that
    timeout: float | None = None  # seconds that it was allowed, where it timed out


def judge_end(end: RunEnd, policy: AlertPolicy, open_alerts: Sequence[Alert], streak: int, now: int) -> list[Change]:
    """What becomes of the job's open alerts. `streak` counts this end: successes in a row, or failures below zero.

    A failure counts from the `after_failures`-th in a row on; a success makes up for what failed before; a cancelled
    run says nothing.
    """
    by_kind = {alert.kind: alert for alert in open_alerts}
    if end.status is Status.SUCCEEDED:
        return _after_success(end, policy, by_kind, now)
    if end.status in DEAD and policy.wants("failed"):
        return _after_failure(end, policy, by_kind, -streak, now)
    return []


def _after_success(end: RunEnd, policy: AlertPolicy, by_kind: Mapping[AlertKind, Alert], now: int) -> list[Change]:
    told = policy.wants("recovered")
    over = [by_kind[kind] for kind in _MADE_UP_FOR_BY_SUCCESS if kind in by_kind]
    left = end.dead_letters
    changes = [recovered(alert, now, told=told, run_id=end.run_id, dead_letters=left) for alert in over]
    hasty = by_kind.get(AlertKind.TOO_FAST)
    if _is_too_fast(end, policy):
        changes.append(occurred(hasty, _trouble(AlertKind.TOO_FAST, too_fast_words(end, policy), end, policy, 1), now))
    elif hasty is not None:
        changes.append(recovered(hasty, now, told=told, run_id=end.run_id))
    return changes


def _after_failure(
    end: RunEnd, policy: AlertPolicy, by_kind: Mapping[AlertKind, Alert], in_a_row: int, now: int
) -> list[Change]:
    kind = (
        AlertKind.POISON if end.quarantined else AlertKind.LOST if end.status is Status.LOST else AlertKind.FAILED
    )  # fmt: skip
    if kind is not AlertKind.POISON and kind not in by_kind and in_a_row < policy.after_failures:
        return []
    count = min(in_a_row, policy.after_failures) if kind is AlertKind.FAILED else 1  # others may have ended otherwise
    words = failure_words(end)
    if kind not in by_kind and in_a_row >= policy.after_failures > 1:
        words += f"; {in_a_row} runs in a row did not succeed"  # whether they failed, timed out or were lost
    trouble = _trouble(kind, words, end, policy, max(1, count))
    return [occurred(by_kind.get(kind), trouble, now)]


def _is_too_fast(end: RunEnd, policy: AlertPolicy) -> bool:
    if not policy.wants("too_fast") or policy.too_fast is None or end.duration is None:
        return False
    return end.duration < policy.too_fast


def _trouble(kind: AlertKind, message: str, end: RunEnd, policy: AlertPolicy, count: int) -> Trouble:
    return trouble_of_job(kind, message, end.job, policy, run_id=end.run_id, count=count)


def trouble_of_job(
    kind: AlertKind, message: str, job: str, policy: AlertPolicy, *, run_id: int | None = None, count: int = 1
) -> Trouble:
    """Trouble with a job, as loud and as often told as the job says."""
    return Trouble(kind, message, job, job, policy.severity, run_id, count, round(1000 * policy.repeat))


def failure_words(end: RunEnd) -> str:
    """How it ended badly, in words that a message can begin with: what happened and, behind a semicolon, what else
    there is to say: `failed with exit code 64 after 2m05s; no attempt follows: exit code 64 is in retry_never_on`."""
    if end.quarantined or end.status is Status.LOST:
        words = end.reason or "lost"
        return words if end.quarantined else f"lost: {words}"
    happened, more = _what_happened(end)
    if end.attempts > 1:
        happened += f", the last of {end.attempts} attempts"
    return f"{happened}; {more}" if more else happened


def _what_happened(end: RunEnd) -> tuple[str, str | None]:
    """The end itself, and what its reason says beyond it."""
    took = "" if end.duration is None else f" after {_rounded(end.duration)}"
    if end.status is Status.TIMED_OUT:
        return f"timed out{took}{_allowed(end)}", end.reason
    if end.signal is not None:
        killed = f"killed by {signal_name(end.signal)}"
        return f"{killed}{took}", (end.reason or "").removeprefix(killed).removeprefix("; ")
    if end.executed and end.exit_code is not None:
        return f"failed with exit code {end.exit_code}{took}", end.reason
    return f"failed: {end.reason}", None


def _allowed(end: RunEnd) -> str:
    """Its timeout, where the grace made of it what it took."""
    if end.timeout is None or end.duration is None or _rounded(end.timeout) == _rounded(end.duration):
        return ""
    return f" (timeout {format_duration(end.timeout)})"


def _rounded(seconds: float) -> str:
    return format_duration(round(seconds, 3 if seconds < 0.1 else 1))


def too_fast_words(end: RunEnd, policy: AlertPolicy) -> str:
    """How soon it succeeded, and what was expected."""
    took, least = _rounded(end.duration or 0), format_duration(policy.too_fast or 0)
    return f"succeeded after {took} only; less than {least} is too fast"


def compare(open_alerts: Sequence[Alert], holding: Sequence[Trouble], quiet: frozenset[str], now: int) -> list[Change]:
    """Open what holds and is not open, tell again what holds still, close what holds no more.

    For conditions that are looked at from time to time. `quiet` are the jobs that want no word when it is over.
    """
    by_key = {(alert.kind, alert.subject): alert for alert in open_alerts}
    changes = []
    for trouble in holding:
        alert = by_key.pop(trouble.key, None)
        change = occurred(None, trouble, now) if alert is None else _goes_on(alert, trouble, now)
        changes += [change] if change is not None else []
    return changes + [recovered(alert, now, told=alert.job not in quiet) for alert in by_key.values()]


def _goes_on(alert: Alert, trouble: Trouble, now: int) -> Change | None:
    if trouble.run_id is not None and trouble.run_id != alert.run_id:
        return occurred(alert, trouble, now)  # another run has the same trouble
    return persists(alert, trouble, now)


def usual_limit(durations: Sequence[float]) -> float | None:
    """How many seconds are too long for a job whose successes took so long: twice the 95th percentile, and never less
    than a minute. None: fewer than five are no history."""
    if len(durations) < _FEWEST:
        return None
    p95 = sorted(durations)[math.ceil(0.95 * len(durations)) - 1]
    return max(_SHORTEST_LIMIT_S, 2 * p95)


def is_momentary(kind: AlertKind) -> bool:
    """Whether it is over as soon as somebody has seen it: nothing can make up for it."""
    return kind is AlertKind.CLOCK_STEP


def state_when_seen(kind: AlertKind) -> AlertState:
    """What `ack` makes of an open alert."""
    return AlertState.RECOVERED if is_momentary(kind) else AlertState.ACKNOWLEDGED
