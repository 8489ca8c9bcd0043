"""When something that runs will be over."""

from __future__ import annotations

import pytest

from jobctl.domain.eta import remaining_seconds


@pytest.mark.parametrize(
    ("elapsed", "usual", "percent", "remaining"),
    [
        (10.0, None, None, None),
        (10.0, 60.0, None, 50.0),
        (70.0, 60.0, None, -10.0),
        (10.0, 60.0, 25.0, 30.0),
        (10.0, None, 50.0, 10.0),
        (10.0, 60.0, 100.0, 0.0),
        (10.0, 60.0, 0.5, 50.0),
        (10.0, None, 0.0, None),
    ],
)
def test_what_the_job_says_goes_before_what_it_usually_takes(
    elapsed: float, usual: float | None, percent: float | None, remaining: float | None
) -> None:
    assert remaining_seconds(elapsed, usual, percent) == remaining
