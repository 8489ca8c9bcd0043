"""Expressions in words, and warnings about them."""

from __future__ import annotations

import pytest

from jobctl.domain.cron_words import describe, lint
from jobctl.domain.schedule import ScheduleProblem

NOW = 1_793_016_000_000  # 2026-10-26T12:00:00Z


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/5 * * * *", "every 5 minutes"),
        ("*/35 * * * *", "at minutes 0 and 35 of every hour"),
        ("hourly", "at the start of every hour"),
        ("30 * * * *", "at minute 30 of every hour"),
        ("0,30 * * * 1", "at minutes 0 and 30 of every hour on Monday"),
        ("10-20 * * * *", "at minutes 10 to 20 of every hour"),
        ("30 2 * * *", "at 02:30 every day"),
        ("0 0,12 * * *", "at 00:00 and 12:00 every day"),
        ("0 9-17 * * 1-5", "every hour from 09:00 to 17:00 on Monday to Friday"),
        ("*/15 9-17 * * mon-fri", "every 15 minutes from 09:00 to 17:45 on Monday to Friday"),
        ("15 */2 * * *", "every 2 hours from 00:15 to 22:15 every day"),
        ("0 1-23/3 * * *", "every 3 hours from 01:00 to 22:00 every day"),
        ("*/10 8,20 * * *", "every 10 minutes of hours 8 and 20 every day"),
        ("* 3 * * *", "every minute of hour 3 every day"),
        ("5 4,8-10 * * *", "at minute 5 of hours 4 and 8 to 10 every day"),
        ("5-10/2 3 * * *", "at minutes 5, 7 and 9 of hour 3 every day"),
        ("monthly", "at 00:00 on day 1"),
        ("yearly", "at 00:00 on day 1 in January"),
        ("0 0 1-7 * *", "at 00:00 on days 1 to 7"),
        ("0 0 L * *", "at 00:00 on the last day of the month"),
        ("0 0 1,LW * *", "at 00:00 on day 1 and the last weekday of the month"),
        ("0 9 15W * *", "at 09:00 on the weekday nearest to day 15"),
        ("0 0 * * 1#2", "at 00:00 on the 2nd Monday of the month"),
        ("0 5 * * 0-7", "at 05:00 on Sunday to Saturday"),
        ("0 5 * * 1-7", "at 05:00 on Monday to Sunday"),
        ("0 5 * * 0,7", "at 05:00 on Sunday"),
        ("0 0 * * 5L", "at 00:00 on the last Friday of the month"),
        ("0 0 * * fri-sun", "at 00:00 on Friday to Sunday"),
        ("0 0 * * */2", "at 00:00 on Sunday, Tuesday, Thursday and Saturday"),
        ("0 0 1,15 * 1", "at 00:00 on days 1 and 15 and also on Monday"),
        ("0 0 13 * */5", "at 00:00 on day 13 if it is also Sunday and Friday"),
        ("0 0 * jan,mar-may *", "at 00:00 every day in January and March to May"),
        ("H H(2-5) * * *", "at minute H of hour H(2-5) every day, each H drawn from the job's name"),
        ("H/15 * * * *", "at minutes H/15 of every hour, each H drawn from the job's name"),
    ],
)
def test_an_expression_in_words(text: str, words: str) -> None:
    assert describe(text) == words


def test_with_a_jobs_name_the_words_say_what_was_drawn() -> None:
    assert describe("H H * * *", "nightly-backup") == "at 20:33 every day"


@pytest.mark.parametrize(
    ("text", "zone", "warnings"),
    [
        ("*/15 * * * *", "Europe/Berlin", []),
        ("0 */6 * * *", "Europe/Berlin", []),
        ("0 4 1 * *", "Europe/Berlin", []),
        ("0 12 */2 * 1", "UTC", [
            'day of month "*/2" is uneven: it starts anew on the first of each month, however short the last step was'
        ]),
        ("0 12 1-7 * 1", "UTC", [
            'both day fields are restricted, so either is enough: day "1-7" or weekday "1"; '
            'for a weekday counted within the month write for example "1#1", the first Monday'
        ]),
        ("*/35 * * * *", "UTC", [
            'minute "*/35" is uneven: after 35 it starts anew, 25 minutes later; '
            'for an even interval write every = "35m"'
        ]),
        ("0 */23 * * *", "UTC", [
            'hour "*/23" is uneven: after 23 it starts anew, 1 hour later; for an even interval write every = "23h"'
        ]),
        ("0 0 1 */5 *", "UTC", ['month "*/5" is uneven: after 11 it starts anew, 2 months later']),
        ("0 0 * * */2", "UTC", ['day of week "*/2" is uneven: after 6 it starts anew, 1 day later']),
        ("0 0 31 * *", "UTC", [
            'day 31 does not come in February, April, June, September and November; '
            'write "L" for the last day of each month'
        ]),
        ("0 0 30 1-3 *", "UTC", ['day 30 does not come in February; write "L" for the last day of each month']),
        ("0 0 31 1,3 *", "UTC", []),
        ("0 0 29 * *", "UTC", [
            'day 29 comes in February in leap years only; write "L" for the last day of each month'
        ]),
        ("30 2 * * *", "UTC", []),
        ("30 2 * * *", "Asia/Tokyo", []),
        ("*/30 2 * * *", "Europe/Berlin", []),  # WILD: nothing is made up
        ("30 2 * * 1", "Europe/Berlin", []),  # the change comes on a Sunday
        ("30 2 * * *", "Europe/Berlin", [
            "02:30 does not exist in Europe/Berlin on 2027-03-28, when clocks go forward: the run comes at 03:00"
        ]),
        ("30 23 * * *", "America/Nuuk", [
            "23:30 does not exist in America/Nuuk on 2027-03-27, when clocks go forward: "
            "the run comes at 00:00 on 2027-03-28"
        ]),
        ("H 2 * * *", "Europe/Berlin", []),  # nobody knows the minute yet
    ],
)  # fmt: skip
def test_warnings(text: str, zone: str, warnings: list[str]) -> None:
    assert lint(text, zone, NOW) == warnings


def test_with_a_jobs_name_a_drawn_minute_is_checked_too() -> None:
    assert [warning[:20] for warning in lint("H 2 * * *", "Europe/Berlin", NOW, "job")] == ["02:54 does not exist"]


def test_what_is_wrong_altogether_is_refused() -> None:
    for ask in (
        lambda: describe("* * * *"),
        lambda: lint("* * * *", "UTC", NOW),
        lambda: lint("5 2 * * *", "X/Y", NOW),
    ):
        with pytest.raises(ScheduleProblem):
            ask()
