"""How long nothing is started after a refusal."""

from __future__ import annotations

from itertools import accumulate, repeat

from jobctl.domain.admission import next_hold


def test_a_hold_doubles_from_a_second_to_a_minute() -> None:
    holds = list(accumulate(repeat(0, 8), lambda last, _: next_hold(last), initial=0))[1:]
    assert holds == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
