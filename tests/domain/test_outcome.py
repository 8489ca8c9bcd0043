"""What the end of an attempt makes of its run."""

from __future__ import annotations

import pytest

from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING, AttemptEnd, conclude, with_full_disk, with_left
from jobctl.domain.policies import Backoff, OnLost, RetryPolicy
from jobctl.domain.reached_limit import LimitKind, ReachedLimit
from jobctl.domain.retry import delay_before
from jobctl.domain.run import Origin, Run, Status

RUN = Run(
    id=1, job="backup", status=Status.RUNNING, origin=Origin.MANUAL, reason=None, slot=None, created_at=0, due_at=0,
    started_at=0, finished_at=None, exit_code=None, signal=None, attempt=1, max_attempts=1, priority=5,
    queue="default", params=None, key=None, result=None, progress=None, message=None, parent_id=None,
    cpu_seconds=None, max_rss_bytes=None, log_bytes=None, dead_letter=False, keep=False, cancel_signal=None,
)  # fmt: skip
END = AttemptEnd(token=b"t" * 16, started_at=0, finished_at=10_000, exit_code=0)
MEMORY = ReachedLimit(LimitKind.MEMORY, 2_000_000_000)
CPU = ReachedLimit(LimitKind.CPU, 1800, enforced=True)
FILES = ReachedLimit(LimitKind.OPEN_FILES, 50)
TWICE = RetryPolicy(retries=1, delay=30.0, backoff=Backoff.FIXED)


def run(**changes: object) -> Run:
    return RUN._replace(**changes)  # type: ignore[arg-type]


def end(**changes: object) -> AttemptEnd:
    return END._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "policy", "status", "reason"),
    [
        (end(), RetryPolicy(), Status.SUCCEEDED, None),
        (end(exit_code=1), RetryPolicy(), Status.FAILED, None),
        (end(exit_code=3), RetryPolicy(success_on=frozenset({0, 3})), Status.SUCCEEDED, None),
        (end(exit_code=0), RetryPolicy(success_on=frozenset({3})), Status.FAILED, None),
        (end(exit_code=None, signal=9), RetryPolicy(), Status.FAILED, "killed by SIGKILL"),
        (end(exit_code=None, signal=70), RetryPolicy(), Status.FAILED, "killed by signal 70"),
        (end(exit_code=127, error="no such file: x"), RetryPolicy(), Status.FAILED, "no such file: x"),
        (end(exit_code=None, signal=9, limit=MEMORY), RetryPolicy(), Status.FAILED, "memory limit of 2GB reached"),
        (end(exit_code=0, limit=CPU), RetryPolicy(), Status.FAILED, "cpu limit of 30m used up"),
        (end(exit_code=3, limit=FILES), RetryPolicy(), Status.FAILED, "open_files limit of 50 reached"),
        (end(exit_code=3, limit=FILES), RetryPolicy(success_on=frozenset({3})), Status.SUCCEEDED, None),
        (end(exit_code=126, error="not executable", limit=FILES), RetryPolicy(), Status.FAILED, "not executable"),
        (end(exit_code=None, signal=15, timed_out=True), RetryPolicy(), Status.TIMED_OUT, None),
        (end(exit_code=None, signal=15, timed_out=True, limit=FILES), RetryPolicy(), Status.TIMED_OUT, None),
        (end(exit_code=0, stopped=True), RetryPolicy(), Status.CANCELLED, None),
        (end(exit_code=None, lost=True, error="unknown"), RetryPolicy(), Status.LOST, "unknown"),
    ],
)
def test_the_end_says_the_status(ended: AttemptEnd, policy: RetryPolicy, status: Status, reason: str | None) -> None:
    conclusion = conclude(RUN, policy, ended, 0.5)
    assert (conclusion.run_status, conclusion.attempt_status, conclusion.reason) == (status, status, reason)


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (end(), OUTPUT_MAY_BE_MISSING),
        (end(exit_code=None, signal=9), f"killed by SIGKILL; {OUTPUT_MAY_BE_MISSING}"),
        (end(exit_code=None, error="gone", lost=True), f"gone; {OUTPUT_MAY_BE_MISSING}"),
        (end(exit_code=127, error="no such file: x"), "no such file: x"),
    ],
)
def test_what_ran_while_the_disk_was_full_may_lack_output(ended: AttemptEnd, reason: str) -> None:
    assert with_full_disk(conclude(run(), RetryPolicy(), ended, 0.0), ended).reason == reason


def test_a_failure_with_an_attempt_left_waits_for_it() -> None:
    conclusion = conclude(run(max_attempts=2), TWICE, end(exit_code=1), 0.5)
    assert conclusion.run_status is Status.RETRYING
    assert conclusion.attempt_status is Status.FAILED
    assert conclusion.due_at == 10_000 + 30_000
    assert not conclusion.dead_letter


def test_the_last_failure_is_a_dead_letter() -> None:
    conclusion = conclude(run(attempt=2, max_attempts=2), TWICE, end(exit_code=1), 0.5)
    assert conclusion.run_status is Status.FAILED
    assert conclusion.dead_letter


@pytest.mark.parametrize(
    ("changes", "policy", "ended"),
    [
        ({}, TWICE._replace(never_on=frozenset({64})), end(exit_code=64)),
        ({}, TWICE, end(lost=True, exit_code=None)),
        ({"cancel_signal": 15}, TWICE, end(exit_code=1)),
        ({}, TWICE, end(stopped=True)),
    ],
    ids=["final exit code", "lost, to be reported", "cancel was asked for", "stopped"],
)
def test_these_ends_are_not_tried_again(changes: dict[str, object], policy: RetryPolicy, ended: AttemptEnd) -> None:
    assert conclude(run(max_attempts=2, **changes), policy, ended, 0.5).run_status.is_final


def test_who_has_an_attempt_left_that_never_comes_is_told_why() -> None:
    final, lost = end(exit_code=64), end(lost=True, exit_code=None, error="its keeper was killed")
    policy = TWICE._replace(never_on=frozenset({64, 127}))
    said = "no attempt follows: exit code 64 is in retry_never_on"
    assert conclude(run(max_attempts=2), policy, final, 0.5).reason == said
    missing = conclude(run(max_attempts=2), policy, end(exit_code=127, error="no such file: x"), 0.5)
    assert missing.reason == "no such file: x; no attempt follows: exit code 127 is in retry_never_on"
    assert conclude(run(max_attempts=2), policy, lost, 0.5).reason == (
        'its keeper was killed; no attempt follows: on_lost is "report"'
    )
    assert conclude(run(attempt=2, max_attempts=2), policy, final, 0.5).reason is None, "it was the last one anyway"
    left = with_left(conclude(run(max_attempts=2), policy, final, 0.5), b"{", None)
    assert left.reason is not None
    assert left.reason.startswith(f"{said}; ")


def test_a_lost_run_is_tried_again_only_where_the_job_says_so() -> None:
    policy = TWICE._replace(on_lost=OnLost.RETRY)
    assert conclude(run(max_attempts=2), policy, end(lost=True, exit_code=None), 0.5).run_status is Status.RETRYING


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        (Backoff.FIXED, [10, 10, 10, 10]),
        (Backoff.LINEAR, [10, 20, 30, 40]),
        (Backoff.EXPONENTIAL, [10, 20, 40, 60]),
    ],
)
def test_the_wait_grows_as_the_policy_says_up_to_its_cap(backoff: Backoff, delays: list[float]) -> None:
    policy = RetryPolicy(retries=9, delay=10.0, backoff=backoff, max_delay=60.0)
    assert [delay_before(policy, attempt, 0.5) for attempt in (2, 3, 4, 5)] == delays


def test_jitter_stays_within_a_tenth_and_below_the_cap() -> None:
    policy = RetryPolicy(retries=9, delay=10.0, backoff=Backoff.FIXED, max_delay=10.5)
    assert delay_before(policy, 2, 0.0) == 9.0
    assert delay_before(policy, 2, 0.999999) == 10.5


def test_a_thousand_failures_do_not_overflow() -> None:
    assert delay_before(RetryPolicy(retries=2000), 1500, 0.5) == 3600.0
