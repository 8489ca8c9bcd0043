"""Periods as few spans of which tallies are kept."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.stretch import Stretch, stretches
from jobctl.domain.tally import Span

HOUR, DAY, WEEK, FOUR_WEEKS = map(int, Span)
beginnings = st.integers(min_value=0, max_value=30_000)


@given(beginnings, beginnings, st.sampled_from([Span.HOUR, Span.DAY]))
def test_each_moment_of_the_period_is_in_one_span_and_no_other_is(one: int, other: int, finest: Span) -> None:
    since, until = finest * min(one, other), finest * max(one, other)
    found = stretches(since, until, finest)
    assert sum(stretch.until - stretch.since for stretch in found) == until - since
    assert all(before.until == after.since for before, after in pairwise(found))
    if found:
        assert (found[0].since, found[-1].until) == (since, until)
    for span, first, end in found:
        assert span >= finest
        assert first % span == end % span == 0
        assert first < end


@given(beginnings, beginnings)
def test_only_at_its_edges_are_there_short_spans(one: int, other: int) -> None:
    spans = dict.fromkeys(Span, 0)
    for stretch in stretches(HOUR * min(one, other), HOUR * max(one, other), Span.HOUR):
        spans[stretch.span] += (stretch.until - stretch.since) // stretch.span
    assert spans[Span.HOUR] <= 46
    assert spans[Span.DAY] <= 12
    assert spans[Span.WEEK] <= 6


def test_what_holds_no_longer_span_is_one_stretch() -> None:
    assert stretches(3 * DAY, 8 * DAY, Span.DAY) == [Stretch(Span.DAY, 3 * DAY, 8 * DAY)]
    assert stretches(WEEK, 4 * WEEK, Span.DAY) == [Stretch(Span.WEEK, WEEK, 4 * WEEK)]
    assert stretches(0, 2 * FOUR_WEEKS, Span.HOUR) == [Stretch(Span.FOUR_WEEKS, 0, 2 * FOUR_WEEKS)]
    assert stretches(DAY, DAY, Span.DAY) == []
