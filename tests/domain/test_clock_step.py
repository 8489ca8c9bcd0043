"""Steps of the clock, as a table."""

from __future__ import annotations

import pytest

from jobctl.domain.clock_step import ClockStep, judge

NOW = 1_793_016_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("size", "step"),
    [
        (0, ClockStep.NONE),
        (1_999, ClockStep.NONE),
        (-1_999, ClockStep.NONE),
        (2_000, ClockStep.FORWARD),
        (365 * 24 * HOUR, ClockStep.FORWARD),
        (-2_000, ClockStep.BACKWARD_SMALL),
        (-3 * HOUR, ClockStep.BACKWARD_SMALL),
        (-3 * HOUR - 1, ClockStep.REBASE),
        (-365 * 24 * HOUR, ClockStep.REBASE),
    ],
)
def test_a_step_is_judged_by_its_size(size: int, step: ClockStep) -> None:
    assert judge(NOW, 5_000, NOW + 60_000 + size, 65_000) is step


def test_a_suspend_is_no_step_because_both_clocks_run_on() -> None:
    night = 8 * HOUR
    assert judge(NOW, 0, NOW + night, night) is ClockStep.NONE
