"""One plain verdict on a period against the one before."""

from __future__ import annotations

import math

import pytest

from jobctl.domain.tally import Tally
from jobctl.domain.trend import Trend, judge


def tally(good: int = 0, bad: int = 0, milliseconds: int = 1000) -> Tally:
    bucket = round(math.log(milliseconds) / math.log(1.02))
    runs = good + bad
    return Tally(
        succeeded=good, failed=bad, started=runs, max_duration_ms=10**9, durations={bucket: runs} if runs else {}
    )


@pytest.mark.parametrize(
    ("now", "before", "trend", "words"),
    [
        (tally(10), tally(10), Trend.STEADY, "steady"),
        (tally(88, 12), tally(97, 3), Trend.FAILS_MORE, "fails 12%, 3% before"),
        (tally(80, 20), tally(80, 20), Trend.FAILS_OFTEN, "fails 20%"),
        (tally(80, 20), tally(), Trend.FAILS_OFTEN, "fails 20%"),
        (tally(99, 1), tally(80, 20), Trend.FAILS_LESS, "fails 1%, 20% before"),
        (tally(10, milliseconds=1840), tally(10), Trend.SLOWER, "p95 up 8"),
        (tally(10, milliseconds=17_000), tally(10), Trend.SLOWER, "p95 ×17"),
        (tally(10, milliseconds=500), tally(10), Trend.FASTER, "p95 down"),
        (tally(), tally(24), Trend.STOPPED, "no run ended, 24 before"),
        (tally(3), tally(), Trend.NEW, "new"),
        (tally(), tally(), Trend.IDLE, "no run ended"),
    ],
)
def test_what_stands_out_is_said(now: Tally, before: Tally, trend: Trend, words: str) -> None:
    verdict = judge(now, before)
    assert verdict.trend is trend
    assert verdict.words.startswith(words)


def test_a_few_runs_are_no_trend() -> None:
    assert judge(tally(4, milliseconds=9000), tally(100)).trend is Trend.STEADY


def test_a_growth_that_nobody_notices_is_none() -> None:
    assert judge(tally(10, milliseconds=40), tally(10, milliseconds=20)).trend is Trend.STEADY


def test_failures_go_before_slowness_and_both_are_said() -> None:
    verdict = judge(tally(50, 50, milliseconds=9000), tally(100))
    assert verdict.trend is Trend.FAILS_MORE
    assert verdict.words.startswith("fails 50%, 0% before; p95 ×")
