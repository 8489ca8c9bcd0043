"""The table of moves and the ids of runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain import run_id
from jobctl.domain.run import ACTIVE, DEAD, FINAL, MOVES, Status, may_move

INSTANTS = st.integers(min_value=run_id.EPOCH_MS, max_value=run_id.EPOCH_MS + (1 << 40) - 1)
RANDOM = st.integers(min_value=0, max_value=(1 << 20) - 1)


def test_every_status_has_a_row_in_the_table_of_moves() -> None:
    assert set(MOVES) == set(Status)


def test_nothing_leads_out_of_a_good_end() -> None:
    for status in (Status.SUCCEEDED, Status.SKIPPED, Status.MISSED):
        assert not MOVES[status]


def test_only_retry_leads_out_of_a_bad_end_and_only_into_the_queue() -> None:
    for status in DEAD | {Status.CANCELLED}:
        assert MOVES[status] == {Status.QUEUED}


def test_only_a_queued_run_may_start() -> None:
    assert [status for status in Status if may_move(status, Status.RUNNING)] == [Status.QUEUED]


def test_every_status_but_scheduled_is_either_active_or_final() -> None:
    assert set(Status) == ACTIVE | FINAL | {Status.SCHEDULED}
    assert not ACTIVE & FINAL


@given(INSTANTS, RANDOM)
def test_an_id_written_and_read_is_the_same_id(now: int, random: int) -> None:
    made = run_id.make(now, random)
    assert run_id.prefix_range(run_id.to_text(made)) == range(made, made + 1)
    assert run_id.made_at(made) == now


@given(INSTANTS, INSTANTS, RANDOM, RANDOM)
def test_ids_sort_by_time_as_numbers_and_as_text(first: int, second: int, low: int, high: int) -> None:
    a, b = run_id.make(first, low), run_id.make(second, high)
    if first < second:
        assert a < b
        assert run_id.to_text(a) < run_id.to_text(b)


@given(INSTANTS, RANDOM, st.integers(min_value=1, max_value=run_id.LENGTH))
def test_a_prefix_finds_the_id(now: int, random: int, length: int) -> None:
    made = run_id.make(now, random)
    found = run_id.prefix_range(run_id.to_text(made)[:length])
    assert found is not None
    assert made in found


def test_letters_that_look_like_digits_are_understood() -> None:
    assert run_id.prefix_range("OIL") == run_id.prefix_range("011")


def test_what_cannot_begin_an_id_is_refused() -> None:
    for text in ("", "u", "a-b", "0" * 13):
        assert run_id.prefix_range(text) is None


def test_a_clock_before_2026_still_gives_an_id() -> None:
    assert run_id.make(0, 7) == 7
