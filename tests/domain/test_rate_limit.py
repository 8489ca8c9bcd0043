"""Token buckets: how many may start when, over rests, other limits and clocks that were set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.rate_limit import Bucket, RateLimit, carried_over, give_back, next_start_at, take

NOW = 1_795_000_000_000
MINUTE = 60_000
LIMIT = RateLimit(6, 60.0)

limits = st.builds(RateLimit, st.integers(1, 100_000), st.sampled_from([1.0, 7.0, 60.0, 3600.0, 86400.0]))


class Queue:
    """Starts as soon and as often as its bucket lets it."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self.bucket: Bucket | None = None
        self.starts: list[int] = []

    def look(self, now: int) -> int:
        """The instant of the next start."""
        self.bucket = carried_over(self.bucket, self.limit, now)
        return next_start_at(self.bucket, self.limit)

    def try_start(self, now: int) -> bool:
        if self.look(now) > now:
            return False
        assert self.bucket is not None
        self.bucket = take(self.bucket, self.limit, now)
        self.starts.append(now)
        return True

    def start_all(self, now: int, at_most: int = 1_000_000) -> int:
        """How many may start at one instant."""
        return next(count for count in range(at_most + 1) if count == at_most or not self.try_start(now))


def test_a_full_bucket_lets_as_many_start_at_once_as_the_limit_names() -> None:
    queue = Queue(LIMIT)
    assert queue.start_all(NOW) == 6
    assert queue.look(NOW) == NOW + 10_000


def test_tokens_come_back_one_by_one_evenly_over_the_period() -> None:
    queue = Queue(LIMIT)
    queue.start_all(NOW)
    starts = [at for at in range(NOW, NOW + MINUTE + 1, 100) if queue.try_start(at)]
    assert starts == [NOW + 10_000 * turn for turn in range(1, 7)]


def test_a_rest_fills_the_bucket_and_no_more() -> None:
    queue = Queue(LIMIT)
    queue.start_all(NOW)
    assert queue.start_all(NOW + 1000 * MINUTE) == 6


@pytest.mark.parametrize("starts", [1, 3, 7, 11, 1000])
def test_what_does_not_divide_the_period_still_fills_the_whole_bucket(starts: int) -> None:
    assert Queue(RateLimit(starts, 60.0)).start_all(NOW) == starts


@given(limits, st.lists(st.integers(0, 5000), max_size=60))
def test_no_stretch_of_time_sees_more_than_a_full_bucket_and_what_came_back(
    limit: RateLimit, pauses: list[int]
) -> None:
    queue, now = Queue(limit), NOW
    for pause in pauses:
        now += pause
        queue.start_all(now, 20)
    for first, begin in enumerate(queue.starts):
        for last in range(first, len(queue.starts)):
            came_back = (queue.starts[last] - begin) * 1000 / limit.interval_us
            assert last - first + 1 <= limit.starts + came_back


@given(limits, st.integers(0, 40))
def test_the_next_start_is_possible_at_the_told_instant_and_not_before(limit: RateLimit, taken: int) -> None:
    queue = Queue(limit)
    queue.start_all(NOW, taken)
    at = queue.look(NOW)
    if at > NOW:
        assert not queue.try_start(at - 1)
    assert queue.try_start(max(at, NOW))


@given(limits, st.integers(-(10**12), 10**12))
def test_a_clock_that_was_set_holds_a_queue_up_for_no_longer_than_one_period(limit: RateLimit, by: int) -> None:
    queue = Queue(limit)
    queue.start_all(NOW, 200)
    after = NOW + by
    assert queue.look(after) - after <= limit.period * 1000 + 1
    assert queue.try_start(max(after, queue.look(after))), "although nobody looked in between"


def test_a_clock_that_was_set_back_does_not_make_tokens() -> None:
    queue = Queue(LIMIT)
    queue.start_all(NOW)
    assert queue.start_all(NOW - 500 * MINUTE) == 0
    assert queue.look(NOW - 500 * MINUTE) == NOW - 500 * MINUTE + 10_000


@pytest.mark.parametrize(
    ("other", "at_once"), [(RateLimit(6, 3600.0), 0), (RateLimit(10, 60.0), 4), (RateLimit(3, 1.0), 0)]
)
def test_starts_of_late_count_under_another_limit(other: RateLimit, at_once: int) -> None:
    queue = Queue(LIMIT)
    queue.start_all(NOW)
    queue.limit = other
    assert queue.start_all(NOW) == at_once
    assert queue.look(NOW) == NOW + -(-other.interval_us // 1000)


def test_a_start_that_never_happened_gives_its_token_back() -> None:
    queue = Queue(LIMIT)
    queue.start_all(NOW)
    assert queue.bucket is not None
    queue.bucket = give_back(queue.bucket)
    assert queue.start_all(NOW) == 1


def test_nothing_is_to_be_kept_while_neither_clock_nor_limit_changed() -> None:
    bucket = take(carried_over(None, LIMIT, NOW), LIMIT, NOW)
    assert carried_over(bucket, LIMIT, NOW) is bucket
    assert carried_over(bucket, LIMIT, NOW + 1000 * MINUTE) is bucket


@pytest.mark.parametrize(
    ("starts", "period", "words"),
    [(30, 60.0, "30/m"), (5, 10.0, "5/10s"), (1000, 86400.0, "1000/d"), (2, 5400.0, "2/90m"), (1, 1.0, "1/s")],
)
def test_a_limit_is_told_as_it_is_written(starts: int, period: float, words: str) -> None:
    assert RateLimit(starts, period).words == words
