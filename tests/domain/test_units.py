"""Durations and sizes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.domain.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1d12h", 129600), ("1w", 604800), ("250ms", 0.25), ("1.5h", 5400)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "s", "1x", "-5s", "5s!", "1h 30", "h1"])
def test_what_is_no_duration_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "count"), [("64KB", 64_000), ("1.5GB", 1_500_000_000), ("1KiB", 1024), ("10 mb", 10_000_000), ("7b", 7)]
)
def test_sizes_are_read(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "64", "KB", "1XB", "-1KB"])
def test_what_is_no_size_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size such as"):
        parse_size(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "0.4s"), (12, "12s"), (185, "3m05s"), (7800, "2h10m"), (273600, "3d4h"), (-60, "-1m")],
)
def test_durations_are_written_short(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0B"), (512, "512B"), (64_000, "64KB"), (1_500_000_000, "1.5GB")])
def test_sizes_are_written_short(count: int, text: str) -> None:
    assert format_size(count) == text


@given(st.integers(min_value=0, max_value=10**9))
def test_a_written_duration_can_be_read_again(seconds: int) -> None:
    written = format_duration(seconds)
    assert abs(parse_duration(written) - seconds) < 3600
