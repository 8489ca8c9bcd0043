"""An alert from the first time it shows until it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.alert import (
    ALERT_MOVES,
    Alert,
    AlertKind,
    AlertState,
    Telling,
    Trouble,
    closed,
    occurred,
    persists,
    recovered,
    remind_at,
)

NOW = 1_795_000_000_000
HOUR = 3_600_000
TROUBLE = Trouble(AlertKind.FAILED, "failed with exit code 3", "backup", "backup", "high", 7)


def open_alert(**changes: object) -> Alert:
    return replace(occurred(None, TROUBLE, NOW).alert, id=1, **changes)  # type: ignore[arg-type]


def test_the_first_time_opens_an_alert_and_is_told() -> None:
    change = occurred(None, TROUBLE, NOW)
    assert change.telling is Telling.OPENED
    assert (change.alert.state, change.alert.opened_at, change.alert.count) == (AlertState.OPEN, NOW, 1)
    assert (change.alert.job, change.alert.severity, change.alert.run_id) == ("backup", "high", 7)


def test_the_next_time_is_counted_and_told_only_after_the_interval() -> None:
    soon = occurred(open_alert(), replace(TROUBLE, run_id=8), NOW + HOUR)
    assert soon.telling is None
    assert (soon.alert.state, soon.alert.count, soon.alert.last_at) == (AlertState.STILL_FAILING, 2, NOW + HOUR)
    assert (soon.alert.opened_at, soon.alert.told_at, soon.alert.run_id) == (NOW, NOW, 8)
    later = occurred(soon.alert, TROUBLE, NOW + 4 * HOUR)
    assert later.telling is Telling.AGAIN
    assert (later.alert.count, later.alert.told_at) == (3, NOW + 4 * HOUR)


def test_what_somebody_has_seen_is_counted_and_told_to_nobody_until_it_is_over() -> None:
    seen = open_alert(state=AlertState.ACKNOWLEDGED)
    again = occurred(seen, TROUBLE, NOW + 100 * HOUR)
    assert (again.alert.state, again.alert.count, again.telling) == (AlertState.ACKNOWLEDGED, 2, None)
    assert persists(seen, TROUBLE, NOW + 100 * HOUR) is None
    assert remind_at(seen, HOUR) is None
    assert recovered(again.alert, NOW + 101 * HOUR, told=True).telling is Telling.RECOVERED


def test_what_holds_on_is_told_again_after_the_interval_and_not_counted() -> None:
    alert = open_alert()
    assert persists(alert, TROUBLE, NOW + 4 * HOUR - 1) is None
    assert remind_at(alert, 4 * HOUR) == NOW + 4 * HOUR
    change = persists(alert, TROUBLE, NOW + 4 * HOUR)
    assert change is not None
    assert change.telling is Telling.AGAIN
    assert (change.alert.state, change.alert.count) == (AlertState.STILL_FAILING, 1)


def test_a_clock_that_was_set_back_does_not_silence_an_alert() -> None:
    assert occurred(open_alert(), TROUBLE, NOW - 1000 * HOUR).telling is Telling.AGAIN


@pytest.mark.parametrize("told", [True, False])
def test_the_end_is_told_where_it_is_wanted(told: bool) -> None:
    change = recovered(open_alert(), NOW + HOUR, told=told)
    assert (change.alert.state, change.alert.closed_at) == (AlertState.RECOVERED, NOW + HOUR)
    assert not change.alert.is_open
    assert change.telling is (Telling.RECOVERED if told else None)


@pytest.mark.parametrize(
    ("letters", "left"),
    [
        (0, ""),
        (1, "; 1 dead letter of it is left: `jobctl dead backup`"),
        (2, "; 2 dead letters of it are left: `jobctl dead backup`"),
    ],
)
def test_a_success_is_not_said_to_make_up_for_dead_letters(letters: int, left: str) -> None:
    change = recovered(open_alert(count=2), NOW + HOUR, told=True, run_id=9, dead_letters=letters)
    assert change.message == f"succeeded again after 2 failures{left}; the alert was open for 1h"
    assert (change.run_id, change.alert.run_id) == (9, 7), "the run that succeeded, and the one that failed last"


@pytest.mark.parametrize("told", [True, False])
def test_what_is_over_because_nothing_is_left_of_it_is_closed_and_not_recovered(told: bool) -> None:
    change = closed(open_alert(), "the job was removed", NOW + HOUR, told=told)
    assert (change.alert.state, change.alert.closed_at) == (AlertState.CLOSED, NOW + HOUR)
    assert not change.alert.is_open
    assert change.telling is (Telling.CLOSED if told else None)
    assert change.message is not None
    assert change.message.startswith("closed because the job was removed; the alert was open for 1h")
    assert change.alert.message == TROUBLE.message, "what was wrong is kept"


@given(
    st.lists(
        st.tuples(st.sampled_from(["occurred", "persists", "acknowledged"]), st.integers(0, 10 * HOUR)), max_size=30
    )
)
def test_moves_are_those_of_the_table_and_nobody_is_told_more_often_than_agreed(steps: list[tuple[str, int]]) -> None:
    alert, now = open_alert(), NOW
    told = [NOW]
    for word, passed in steps:
        now += passed
        if word == "acknowledged":
            change_to = replace(alert, state=AlertState.ACKNOWLEDGED)
            telling = None
        else:
            change = occurred(alert, TROUBLE, now) if word == "occurred" else persists(alert, TROUBLE, now)
            change_to, telling = (alert, None) if change is None else (change.alert, change.telling)
        assert change_to.state is alert.state or change_to.state in ALERT_MOVES[alert.state]
        assert change_to.count >= alert.count
        if telling is not None:
            assert now - told[-1] >= TROUBLE.repeat_ms
            told.append(now)
        alert = change_to
