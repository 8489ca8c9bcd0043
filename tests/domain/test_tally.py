"""Tallies: counts that can be added up, and percentiles that are nearly exact."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.tally import Span, Tally, from_texts, to_text

ENDED = Run(
    id=1, job="backup", status=Status.SUCCEEDED, origin=Origin.SCHEDULE, reason=None, slot=None, created_at=1_000,
    due_at=1_000, started_at=1_500, finished_at=4_500, exit_code=0, signal=None, attempt=1, max_attempts=1, priority=5,
    queue="default", params=None, key=None, result=None, progress=None, message=None, parent_id=None, cpu_seconds=0.25,
    max_rss_bytes=8_000_000, log_bytes=10, dead_letter=False, keep=False, cancel_signal=None,
)  # fmt: skip


def tally_of(*runs: Run) -> Tally:
    tally = Tally()
    for run in runs:
        tally.count(run)
    return tally


def lasting(milliseconds: int) -> Run:
    return ENDED._replace(finished_at=1_500 + milliseconds)


def test_a_run_is_counted_with_all_that_it_took() -> None:
    tally = tally_of(ENDED._replace(attempt=3, status=Status.FAILED))
    assert (tally.failed, tally.retries, tally.started) == (1, 2, 1)
    assert (tally.wait_ms, tally.duration_ms, tally.cpu_ms, tally.max_rss_bytes) == (500, 3_000, 250, 8_000_000)


def moving(read: int | None, written: int | None) -> Run:
    return ENDED._replace(read_bytes=read, written_bytes=written)


def test_what_storage_moved_is_summed_as_far_as_it_is_known() -> None:
    assert (tally_of(ENDED).read_bytes, Tally().written_bytes) == (None, None)
    tally = tally_of(moving(512, None), ENDED, moving(4096, 0))
    assert (tally.read_bytes, tally.written_bytes) == (4608, 0)


bytes_moved = st.lists(st.one_of(st.none(), st.integers(0, 10**12)))


@given(bytes_moved, bytes_moved)
def test_what_is_known_of_storage_is_not_lost_with_tallies_that_know_nothing(
    some: list[int | None], others: list[int | None]
) -> None:
    added = tally_of(*(moving(count, None) for count in some))
    added.add(tally_of(*(moving(count, None) for count in others)))
    known = [count for count in some + others if count is not None]
    assert added.read_bytes == (sum(known) if known else None)
    assert added.written_bytes is None


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.MISSED, Status.CANCELLED])
def test_what_never_started_has_neither_a_duration_nor_a_success_rate(status: Status) -> None:
    tally = tally_of(ENDED._replace(status=status, started_at=None, attempt=0))
    assert tally.success_rate is None
    assert tally.percentile(0.5) is None
    assert getattr(tally, status.word) == 1


def test_a_run_that_was_cut_short_from_outside_says_nothing_about_how_long_the_job_takes() -> None:
    tally = tally_of(ENDED._replace(status=Status.CANCELLED), ENDED._replace(status=Status.LOST))
    assert (tally.started, tally.measured) == (2, 0)
    assert tally.success_rate == 0.0


@given(st.lists(st.integers(min_value=1, max_value=10**9), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_is_within_a_hundredth_of_the_true_one(durations: list[int], share: float) -> None:
    tally = tally_of(*map(lasting, durations))
    true = sorted(durations)[math.ceil(share * len(durations)) - 1]
    assert tally.percentile(share) == pytest.approx(true, rel=0.0101)


@given(st.lists(st.integers(min_value=0, max_value=10**7)), st.lists(st.integers(min_value=0, max_value=10**7)))
def test_two_tallies_added_are_the_tally_of_both(some: list[int], others: list[int]) -> None:
    added = tally_of(*map(lasting, some))
    added.add(tally_of(*map(lasting, others)))
    assert added == tally_of(*map(lasting, some + others))


@given(st.dictionaries(st.integers(-1, 1200), st.integers(1, 10**6)))
def test_a_histogram_survives_its_text(durations: dict[int, int]) -> None:
    assert list(from_texts([to_text(durations)])) == [durations]


def test_histograms_one_after_the_other_are_added_up() -> None:
    assert list(from_texts(["3:1 7:2  7:5 9:1", " 7:2", ""])) == [{3: 1, 7: 7, 9: 1}, {7: 2}, {}]


def test_hours_and_days_begin_where_those_of_utc_do() -> None:
    at = 1_795_000_000_123
    assert Span.HOUR.start_of(at) % 3_600_000 == 0
    assert 0 <= at - Span.DAY.start_of(at) < 86_400_000


def test_runs_are_counted_up_to_each_bound_and_a_bound_includes_itself() -> None:
    tally = tally_of(*map(lasting, (0, 90, 1_000, 1_000, 70_000)))
    assert tally.within((100, 500, 1_000, 60_000)) == [2, 2, 4, 4]
    assert Tally().within((100, 500)) == [0, 0]


@given(st.lists(st.integers(0, 100_000_000), max_size=20))
def test_no_bound_counts_fewer_runs_than_the_one_before_it_or_more_than_there_are(durations: list[int]) -> None:
    tally = tally_of(*map(lasting, durations))
    found = tally.within((100, 1_000, 60_000, 3_600_000, 200_000_000))
    assert found == sorted(found)
    assert found[-1] == tally.measured


def test_a_retry_by_hand_does_not_count_the_time_as_a_dead_letter_as_waiting() -> None:
    by_hand = ENDED._replace(
        attempt=2, first_attempt=2, created_at=0, due_at=60_000, started_at=60_040, finished_at=61_000
    )
    assert by_hand.wait == 40
    tried_again = by_hand._replace(attempt=3, due_at=75_000, finished_at=76_000)
    assert tried_again.wait is None, "the time since its making was mostly spent as a dead letter"


def test_retries_before_a_retry_by_hand_are_not_counted_once_more() -> None:
    first_end = ENDED._replace(attempt=3)
    second_end = ENDED._replace(attempt=5, first_attempt=4)
    assert tally_of(first_end).retries == 2
    assert tally_of(first_end, second_end).retries == 3


def test_a_retry_that_came_by_itself_leaves_the_wait_that_of_the_first_start() -> None:
    assert ENDED._replace(attempt=2, due_at=9_000).wait == 500
