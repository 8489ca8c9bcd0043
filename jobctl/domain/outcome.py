"""How an attempt ended, and what that makes of its run. Pure: the reaper, recovery and `run` without a daemon
all ask here, so that a run's end never depends on who noticed it.
"""

import signal
from typing import NamedTuple

from jobctl.domain.policies import OnLost, RetryPolicy
from jobctl.domain.progress import decode
from jobctl.domain.reached_limit import ReachedLimit
from jobctl.domain.result import read_result
from jobctl.domain.retry import delay_before
from jobctl.domain.run import DEAD, Run, Status

OUTPUT_MAY_BE_MISSING = "the disk was full: output may be missing"


class AttemptEnd(NamedTuple):
    """What is known about the end of an attempt: a keeper's END record, or that there is none.

    Exactly one of `exit_code` and `signal` is set when the process ran; `error` is set when it could not be
    executed (`exit_code` 126 or 127) or when nothing is known (`lost`).
    """

    token: bytes
    started_at: int | None
    finished_at: int
    exit_code: int | None = None
    signal: int | None = None
    error: str | None = None
    timed_out: bool = False
    stopped: bool = False  # somebody asked for the stop: cancel, replace, SIGTERM to the keeper
    lost: bool = False
    pid: int | None = None
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None
    log_bytes: int | None = None
    read_bytes: int | None = None  # from storage
    written_bytes: int | None = None
    limit: ReachedLimit | None = None  # what it ran into, if it ended badly

    def error_as(self, status: Status) -> str | None:
        """What an attempt that ended so keeps beside its exit code: its error, or the limit that it died of."""
        if self.error is None and self.limit is not None and status is Status.FAILED:
            return self.limit.words
        return self.error


def lost_end(token: bytes, started_at: int | None, now: int, *, machine_down: bool = False) -> AttemptEnd:
    """The end of an attempt whose keeper and processes are gone and that left no record of its end. `machine_down`:
    they went with the machine."""
    cause = "the machine went down while it ran" if machine_down else "its keeper was killed"
    return AttemptEnd(token, started_at, now, error=f"{cause}: whether the command finished cannot be known", lost=True)


class Conclusion(NamedTuple):
    """What the end of an attempt makes of the attempt and of its run, to be stored in one commit."""

    attempt_status: Status
    run_status: Status  # final, or RETRYING
    reason: str | None
    due_at: int | None  # of the next attempt, when RETRYING
    dead_letter: bool
    result: str | None = None  # JSON that the job left
    progress: float | None = None  # percent that the job said last
    message: str | None = None


def with_left(conclusion: Conclusion, result: bytes | None, progress: bytes | None) -> Conclusion:
    """The conclusion with what the job left in `$JOBCTL_RESULT`, and how far it said that it was; a result that cannot
    be kept becomes its reason."""
    if result is None and progress is None:
        return conclusion
    left = read_result(result)
    percent, message = (decode(progress) if progress else None) or (None, None)
    reason = _joined(conclusion.reason, left.warning)
    return conclusion._replace(result=left.json, reason=reason, progress=percent, message=message)


def with_full_disk(conclusion: Conclusion, end: AttemptEnd) -> Conclusion:
    """The conclusion of an attempt that ran while the disk was full: that its log lacks something must not look as if
    it had said nothing. A command that could not be executed had nothing to say."""
    if end.error is not None and not end.lost:
        return conclusion
    return conclusion._replace(reason=_joined(conclusion.reason, OUTPUT_MAY_BE_MISSING))


def status_of(end: AttemptEnd, policy: RetryPolicy) -> Status:
    """How the attempt ended. An asked-for stop is `cancelled` even when the job exits 0 on SIGTERM."""
    if end.lost:
        return Status.LOST
    if end.timed_out:
        return Status.TIMED_OUT
    if end.stopped:
        return Status.CANCELLED
    was_stopped_for_limit = end.limit is not None and end.limit.enforced
    went_well = end.exit_code in policy.success_on and end.error is None and not was_stopped_for_limit
    return Status.SUCCEEDED if went_well else Status.FAILED


def reason_of(end: AttemptEnd, status: Status) -> str | None:
    """The reason in words where the status and the exit code alone do not say it."""
    if (error := end.error_as(status)) is not None:
        return error
    if status is Status.FAILED and end.signal is not None:
        return f"killed by {signal_name(end.signal)}"
    return None


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; `signal 70` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def conclude(run: Run, policy: RetryPolicy, end: AttemptEnd, random: float) -> Conclusion:
    """Decide what follows. `random` in [0, 1) is the jitter of a retry's delay."""
    status = status_of(end, policy)
    reason = reason_of(end, status)
    attempts_left = run.attempt < run.max_attempts and run.cancel_signal is None
    no_more = _why_not_again(policy, end, status) if attempts_left else None
    if attempts_left and status in DEAD and no_more is None:
        due_at = end.finished_at + round(1000 * delay_before(policy, run.attempt + 1, random))
        return Conclusion(status, Status.RETRYING, reason, due_at, dead_letter=False)
    return Conclusion(status, status, _joined(reason, no_more), None, status in DEAD)


def _why_not_again(policy: RetryPolicy, end: AttemptEnd, status: Status) -> str | None:
    """What keeps an attempt that ended badly from being followed by another one, if there is one left; in words."""
    if status is Status.LOST and policy.on_lost is not OnLost.RETRY:
        return f'no attempt follows: on_lost is "{policy.on_lost.value}"'
    if status in DEAD and end.exit_code is not None and end.exit_code in policy.never_on:
        return f"no attempt follows: exit code {end.exit_code} is in retry_never_on"
    return None


def _joined(*sentences: str | None) -> str | None:
    return "; ".join(sentence for sentence in sentences if sentence) or None
