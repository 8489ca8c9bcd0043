"""Steps of the clock, as a table."""

from __future__ import annotations

import pytest

from jobctl.domain.clock_step import ClockReading, StepKind, detect_step, watermark_after

NOW = 1_793_016_000_000
HOURS = 3_600_000


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        (0, StepKind.NONE),
        (1_999, StepKind.NONE),
        (-1_999, StepKind.NONE),
        (2_000, StepKind.FORWARD),
        (365 * 24 * HOURS, StepKind.FORWARD),
        (-2_000, StepKind.BACKWARD_SMALL),
        (-3 * HOURS, StepKind.BACKWARD_SMALL),
        (-3 * HOURS - 1, StepKind.REBASE),
        (-365 * 24 * HOURS, StepKind.REBASE),
    ],
)
def test_a_step_is_judged_by_its_size(size: int, kind: StepKind) -> None:
    step = detect_step(ClockReading(NOW, 5_000), ClockReading(NOW + 60_000 + size, 65_000))
    assert (step.kind, step.size) == (kind, size)


def test_a_suspend_is_no_step_because_both_clocks_run_on() -> None:
    night = 8 * HOURS
    assert detect_step(ClockReading(NOW, 0), ClockReading(NOW + night, night)).kind is StepKind.NONE


@pytest.mark.parametrize(
    ("kind", "wild", "watermark"),
    [
        (StepKind.NONE, True, 2_000),
        (StepKind.FORWARD, True, 2_000),
        (StepKind.BACKWARD_SMALL, True, 1_000),
        (StepKind.BACKWARD_SMALL, False, 2_000),
        (StepKind.REBASE, True, 1_000),
        (StepKind.REBASE, False, 1_000),
    ],
)
def test_only_wild_slots_come_again_after_a_small_step_back_and_a_correction_rebases_all(
    kind: StepKind, wild: bool, watermark: int
) -> None:
    assert watermark_after(kind, wild, 2_000, 1_000) == watermark
