"""The words of many at once are those of each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobctl.cli.render.words import durations, each, local_words, relative, relatives, took
from jobctl.operations.saying import full_time, with_instants
from tests.cli.showcase import NOW, local_zone

YEAR_MS = 366 * 86_400_000
STEPS = (0, 999, 1000, 59_999, 599_999, 600_000, 600_001, 659_999, 660_000, 86_399_999, 86_400_000, 90_000_000)
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine


@_UNHURRIED
@given(st.lists(st.none() | st.integers(-YEAR_MS, YEAR_MS)))
@example([sign * step for step in STEPS for sign in (1, -1)])
@example([None, 0, -660_000, 90_000_000] * 5)
def test_instants_are_said_together_as_one_by_one(apart: list[int | None]) -> None:
    instants = [None if one is None else NOW + one for one in apart]
    assert relatives(instants, NOW) == ["" if at is None else relative(at, NOW) for at in instants]


@_UNHURRIED
@given(st.lists(st.none() | st.integers(-1000, YEAR_MS)))
@example([None, 0, 1, 99, 100, 149, 150, 9_949, 9_950, 9_999, 10_449, 10_499, 10_500])
def test_durations_are_said_together_as_one_by_one(millis: list[int | None]) -> None:
    assert durations(millis) == [took(NOW, None if one is None else NOW + one) for one in millis]


def test_what_is_equal_is_asked_once() -> None:
    asked = []

    def say(value: int) -> str:
        asked.append(value)
        return f"<{value}>"

    assert each([2, 1, 2], say) == ["<2>", "<1>", "<2>"]
    assert sorted(asked) == [1, 2]


def test_a_stored_sentence_is_told_on_the_clock_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    with local_zone(monkeypatch):
        assert local_words("no success since 2026-11-20 07:00:00 UTC; one is due", NOW) == (
            "no success since Fri 08:00; one is due"
        )
        text = "3 slots from 2026-11-22T17:00:00Z to 2026-11-22T19:00:00Z passed"
        assert local_words(text, NOW) == "3 slots from 18:00:00 to 20:00:00 passed"
        assert with_instants("at 2026-11-22T17:00:00Z", full_time) == "at 2026-11-22 18:00:00 +01:00"
    assert local_words("Zone UTC of 2026", NOW) == "Zone UTC of 2026"
