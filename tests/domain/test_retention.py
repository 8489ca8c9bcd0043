"""Which bounds hold for a run, and when it has passed them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.job import JobRetention
from jobctl.domain.retention import Bounds, Ending, Policy, Scope, ending_of, older_than, policy_of
from jobctl.domain.run import FINAL, Status
from jobctl.domain.settings import Retention

DAY = 86_400.0
NOW = 1_795_000_000_000

statuses = st.sampled_from(sorted(FINAL))
ages = st.integers(0, 10**9)
instants = st.integers(0, 2 * NOW)


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (Status.SUCCEEDED, Ending.SUCCEEDED), (Status.CANCELLED, Ending.SUCCEEDED), (Status.SKIPPED, Ending.SUCCEEDED),
        (Status.FAILED, Ending.FAILED), (Status.TIMED_OUT, Ending.FAILED), (Status.LOST, Ending.FAILED),
        (Status.MISSED, Ending.FAILED),
    ],
)  # fmt: skip
def test_what_somebody_may_have_to_look_into_is_kept_like_a_failure(status: Status, ending: Ending) -> None:
    assert ending_of(status) is ending


def test_every_final_status_has_a_class() -> None:
    assert {ending_of(status) for status in FINAL} == set(Ending)


def test_without_settings_successes_stay_thirty_days_and_failures_ninety() -> None:
    policy = policy_of(Retention(), {})
    assert policy.bounds("any") == Bounds(30 * DAY, 90 * DAY, 10_000)
    assert policy.max_log_bytes == 2_000_000_000


def test_a_job_overrides_the_bounds_that_it_names() -> None:
    policy = policy_of(Retention(), {"chatty": JobRetention(succeeded=3600.0), "few": JobRetention(max_runs=5)})
    assert policy.bounds("chatty") == Bounds(3600.0, 90 * DAY, 10_000)
    assert policy.bounds("few") == Bounds(30 * DAY, 90 * DAY, 5)
    assert policy.bounds("other") == policy.general


def test_a_run_goes_after_its_bound_and_not_at_it() -> None:
    policy = older_than(60.0)
    assert not policy.outlived("job", Status.SUCCEEDED, NOW - 60_000, NOW)
    assert policy.outlived("job", Status.SUCCEEDED, NOW - 60_001, NOW)


def test_a_bound_that_is_not_set_is_never_passed() -> None:
    policy = Policy(Bounds(succeeded=1.0))
    assert policy.outlived("job", Status.SUCCEEDED, 0, NOW)
    assert not policy.outlived("job", Status.FAILED, 0, NOW)


@given(statuses, ages, instants, instants)
def test_a_run_outlives_a_bound_once_and_for_all(status: Status, age: int, finished_at: int, now: int) -> None:
    policy = older_than(float(age))
    if policy.outlived("job", status, finished_at, now):
        assert policy.outlived("job", status, finished_at, now + 1)
        assert older_than(age / 2).outlived("job", status, finished_at, now)


@given(statuses, st.integers(0, 10**9), st.integers(0, 10**9), st.dictionaries(st.sampled_from("abc"), ages), instants)
def test_no_run_that_is_younger_than_the_shortest_age_has_outlived_anything(
    status: Status, succeeded: int, failed: int, own: dict[str, int], finished_at: int
) -> None:
    of_jobs = {job: JobRetention(succeeded=float(age)) for job, age in own.items()}
    policy = policy_of(Retention(succeeded=float(succeeded), failed=float(failed)), of_jobs)
    shortest = policy.shortest_age()
    assert shortest is not None
    now = finished_at + round(1000 * shortest)
    assert not any(policy.outlived(job, status, finished_at, now) for job in (*own, "another"))


@given(statuses, st.integers(-(10**12), 0))
def test_a_run_that_ended_in_the_future_stays(status: Status, ahead: int) -> None:
    assert not older_than(0.0).outlived("job", status, NOW - ahead, NOW)


def test_the_fewest_runs_are_those_of_the_strictest_job() -> None:
    assert policy_of(Retention(), {"few": JobRetention(max_runs=5)}).fewest_runs() == 5
    assert older_than(1.0).fewest_runs() is None
    assert policy_of(Retention(max_runs_per_job=None), {"few": JobRetention(max_runs=5)}).fewest_runs() == 5


def test_the_shortest_age_of_some_jobs_leaves_the_others_out() -> None:
    policy = policy_of(Retention(), {"chatty": JobRetention(succeeded=60.0)})
    assert policy.shortest_age() == 60.0
    assert policy.shortest_age({"other"}) == 30 * DAY
    assert Policy(Bounds()).shortest_age() is None


def test_a_scope_is_everything_unless_it_names_jobs_or_statuses() -> None:
    assert Scope().is_everything
    assert not Scope(jobs=frozenset({"a"})).is_everything
    assert not Scope(statuses=frozenset({Status.FAILED})).is_everything
