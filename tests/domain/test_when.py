"""Instants as people type them, as a table."""

from __future__ import annotations

from datetime import datetime

import pytest

from jobctl.domain.schedule import ScheduleProblem
from jobctl.domain.when import EXPECTED, NotAnInstant, Toward, parse_instant

NOW = "2026-10-26T13:00:00+01:00"  # a Monday
FUTURE, PAST = Toward.FUTURE, Toward.PAST


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "toward", "expected"),
    [
        ("now", PAST, NOW),
        ("in 2h", PAST, "2026-10-26T15:00+01:00"),
        ("2h", FUTURE, "2026-10-26T15:00+01:00"),
        ("2h", PAST, "2026-10-26T11:00+01:00"),
        ("+90m", PAST, "2026-10-26T14:30+01:00"),
        ("-1d12h", FUTURE, "2026-10-25T01:00+01:00"),
        ("30s ago", FUTURE, "2026-10-26T12:59:30+01:00"),
        ("7d", PAST, "2026-10-19T13:00+01:00"),
        ("7d", FUTURE, "2026-11-02T13:00+01:00"),
        ("  Tomorrow   09:00 ", FUTURE, "2026-10-27T09:00+01:00"),
        ("tomorrow", PAST, "2026-10-27T00:00+01:00"),
        ("today 8:05", FUTURE, "2026-10-26T08:05+01:00"),
        ("yesterday", PAST, "2026-10-25T00:00+02:00"),
        ("yesterday 12:00", PAST, "2026-10-25T12:00+01:00"),
        ("18:30", FUTURE, "2026-10-26T18:30+01:00"),
        ("18:30", PAST, "2026-10-25T18:30+01:00"),
        ("12:59:59", FUTURE, "2026-10-27T12:59:59+01:00"),
        ("monday 09:00", FUTURE, "2026-11-02T09:00+01:00"),
        ("monday 09:00", PAST, "2026-10-26T09:00+01:00"),
        ("fri", FUTURE, "2026-10-30T00:00+01:00"),
        ("friday", PAST, "2026-10-23T00:00+02:00"),
        ("2026-12-24", FUTURE, "2026-12-24T00:00+01:00"),
        ("2026-12-24 18:00", FUTURE, "2026-12-24T18:00+01:00"),
        ("2026-07-01T18:00:30", PAST, "2026-07-01T18:00:30+02:00"),
        ("2026-12-24T18:00:00Z", FUTURE, "2026-12-24T18:00+00:00"),
        ("2026-12-24t18:00:00.250+05:30", FUTURE, "2026-12-24T18:00:00.250+05:30"),
        ("2027-03-28 02:30", FUTURE, "2027-03-28T03:00+02:00"),  # skipped by the zone: the first minute after
        ("2026-10-25 02:30", PAST, "2026-10-25T02:30+02:00"),  # there twice: the first
        ("@1793016000", PAST, "2026-10-26T12:00+00:00"),
    ],
)
def test_a_text_means_an_instant(text: str, toward: Toward, expected: str) -> None:
    assert parse_instant(text, ms(NOW), "Europe/Berlin", toward) == ms(expected)


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "12", "25:00", "tomorrow 25:00", "next week", "2026-13-01", "9999-01-01", "99999999d", "in", "-"],
)
def test_anything_else_is_refused_with_the_forms_that_would_do(text: str) -> None:
    with pytest.raises(NotAnInstant) as caught:
        parse_instant(text, ms(NOW), "Europe/Berlin", FUTURE)
    assert (caught.value.message, caught.value.hint) == (f'"{text}" is not a time', f"write {EXPECTED}")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ScheduleProblem):
        parse_instant("now", ms(NOW), "Europe/Berln", FUTURE)
