"""What people say of when becomes the keys of a job."""

from __future__ import annotations

import pytest

from jobctl.domain.plain_schedule import plain_schedule
from jobctl.domain.schedule_problem import ScheduleProblem

SAID = {
    "daily at 2:30": {"schedule": "30 2 * * *"},
    "every day at 14.05": {"schedule": "5 14 * * *"},
    "Every night at midnight": {"schedule": "0 0 * * *"},
    "at 9pm": {"schedule": "0 21 * * *"},
    "daily at 12 am": {"schedule": "0 0 * * *"},
    "daily at 12pm": {"schedule": "0 12 * * *"},
    "every 15 minutes": {"every": "15m"},
    "every 90s": {"every": "90s"},
    "every 2 hours": {"every": "2h"},
    "every 3 days": {"every": "3d"},
    "each hour": {"schedule": "hourly"},
    "weekdays at 8:30": {"schedule": "30 8 * * 1-5"},
    "on weekends at noon": {"schedule": "0 12 * * 0,6"},
    "mondays and fridays at 9": {"schedule": "0 9 * * 1,5"},
    "every wednesday, sat at 7:15": {"schedule": "15 7 * * 3,6"},
    "thursday": {"schedule": "0 0 * * 4"},
    "on the 1st at 6:00": {"schedule": "0 6 1 * *"},
    "monthly on the last day at 23:00": {"schedule": "0 23 L * *"},
    "every month on the 15th": {"schedule": "0 0 15 * *"},
    "30 2 * * *": {"schedule": "30 2 * * *"},
    "H/5  * * * MON": {"schedule": "H/5 * * * MON"},
    "*/5 * * * *": {"schedule": "*/5 * * * *"},
    "@daily": {"schedule": "@daily"},
    "weekly": {"schedule": "weekly"},
    "@reboot": {"on_boot": True},
    "never": {},
    "": {},
}


@pytest.mark.parametrize("said", SAID)
def test_it_is_understood(said: str) -> None:
    assert plain_schedule(said) == SAID[said]


@pytest.mark.parametrize("said", ["when the moon is full", "every", "1 2 3", "on the at 6"])
def test_it_is_not_understood(said: str) -> None:
    assert plain_schedule(said) is None


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("daily at 25:00", "hours are 0 to 23"),
        ("weekdays at 8:75", "minutes are 0 to 59"),
        ("on the 1st at 13pm", "with pm the hours are 1 to 12"),
    ],
)
def test_a_time_that_no_day_has_is_refused_with_what_is_wrong(said: str, hint: str) -> None:
    with pytest.raises(ScheduleProblem, match="is no time of day") as problem:
        plain_schedule(said)
    assert problem.value.hint == hint
