"""The grammar of cron: what is understood, what it means, and what is refused with what to write instead."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from croniter import croniter

from jobctl.domain.cron_expression import parse
from jobctl.domain.cron_words import normalise
from jobctl.domain.schedule import ScheduleProblem, compile_expression

FIVE = 'five fields "minute hour day-of-month month day-of-week", for example "30 2 * * *"'
VALUES = '"a-b", "a-b/n" or "*/n", in a list with commas'
HASH_INSTEAD = 'write "H", which is drawn once from the job\'s name'
REAL_DAY = 'write a day that the month has, or "L" for its last day'

REFUSED = [
    ("", "the schedule is empty", f"write {FIVE}, or a preset such as daily"),
    ("  ", "the schedule is empty", f"write {FIVE}, or a preset such as daily"),
    ("5", '"5" has 1 field where cron has 5', f"write {FIVE}"),
    ("* * * *", '"* * * *" has 4 fields where cron has 5', f"write {FIVE}"),
    ("0 30 2 * * *", '"0 30 2 * * *" has 6 fields where cron has 5', 'there are no seconds: write "30 2 * * *"'),
    ("*/10 * * * * *", '"*/10 * * * * *" has 6 fields where cron has 5',
     'there are no seconds: for an interval write every = "10s"'),
    ("* * * * * *", '"* * * * * *" has 6 fields where cron has 5',
     'there are no seconds: for an interval write every = "1s"'),
    ("0 0 12 ? * MON 2026", '"0 0 12 ? * MON 2026" has 7 fields where cron has 5',
     'there are no seconds and years: write "0 12 * * MON"'),
    ("0 0 1 1 * 2030", '"0 0 1 1 * 2030" has 6 fields where cron has 5',
     'there are no years: write "0 0 1 1 *", or at = … for one instant'),
    ("0 2 ? * 1 2030-2032", '"0 2 ? * 1 2030-2032" has 6 fields where cron has 5',
     'there are no years: write "0 2 * * 1", or at = … for one instant'),
    ("* * * * * * * *", '"* * * * * * * *" has 8 fields where cron has 5', f"write {FIVE}"),
    ("*/0 * * * *", '"*/0 * * * *": minute "*/0" has a step of 0, which never moves on', 'write "*"'),
    ("0-59/0 * * * *", '"0-59/0 * * * *": minute "0-59/0" has a step of 0, which never moves on', 'write "0-59"'),
    ("*/90 * * * *", '"*/90 * * * *": minute "*/90" has a step that reaches nothing after 0',
     'write "0" if that is meant, or every = "90m" for an interval'),
    ("0 */24 * * *", '"0 */24 * * *": hour "*/24" has a step that reaches nothing after 0',
     'write "0" if that is meant, or every = "24h" for an interval'),
    ("0 0 */31 * *", '"0 0 */31 * *": day of month "*/31" has a step that reaches nothing after 1',
     'write "1" if that is meant'),
    ("10-20/15 * * * *", '"10-20/15 * * * *": minute "10-20/15" has a step that reaches nothing after 10',
     'write "10" if that is meant'),
    ("0 0 * * */7", '"0 0 * * */7": day of week "*/7" has a step that reaches nothing after 0',
     'write "0" if that is meant'),
    ("5/15 * * * *", '"5/15 * * * *": minute "5/15" has a step without a range, which crons read differently',
     'write "5-59/15" to go on to the end, or "5"'),
    ("0 22-2 * * *", '"0 22-2 * * *": hour "22-2" runs backwards', 'write "22-23,0-2"'),
    ("59-1 * * * *", '"59-1 * * * *": minute "59-1" runs backwards', 'write "59,0-1"'),
    ("0 0 * nov-jan *", '"0 0 * nov-jan *": month "nov-jan" runs backwards', 'write "11-12,1"'),
    ("0 0 * * 5-0", '"0 0 * * 5-0": day of week "5-0" runs backwards', 'write "5-7"'),
    ("0 0 * * Fri-Mon", '"0 0 * * Fri-Mon": day of week "Fri-Mon" runs backwards', 'write "5-6,0-1"'),
    ("H(9-3) * * * *", '"H(9-3) * * * *": minute "H(9-3)" runs backwards', 'write "H(3-9)"'),
    ("30 2 30 2 *", '"30 2 30 2 *" names dates that never come', REAL_DAY),
    ("0 0 31 4,6,9,11 *", '"0 0 31 4,6,9,11 *" names dates that never come', REAL_DAY),
    ("0 0 30W 2 *", '"0 0 30W 2 *" names dates that never come', REAL_DAY),
    ("60 * * * *", '"60 * * * *": minute "60" is outside 0 to 59', 'write "0" for the full hour'),
    ("0 24 * * *", '"0 24 * * *": hour "24" is outside 0 to 23', 'write "0" for midnight'),
    ("0 0 0 * *", '"0 0 0 * *": day of month "0" is outside 1 to 31', "write a day of month from 1 to 31"),
    ("0 0 * 13 *", '"0 0 * 13 *": month "13" is outside 1 to 12', "write a month from 1 to 12"),
    ("0 0 * * 8", '"0 0 * * 8": day of week "8" is outside 0 to 7', "write a day of week from 0 to 7"),
    ("0 H(9-24) * * *", '"0 H(9-24) * * *": hour "H(9-24)" is outside 0 to 23', 'write "0" for midnight'),
    ("0 0 * * 1#6", '"0 0 * * 1#6": day of week "1#6" asks for a week that no month has', 'write "1#1" to "1#5"'),
    ("0 0 * * 1#0", '"0 0 * * 1#0": day of week "1#0" asks for a week that no month has', 'write "1#1" to "1#5"'),
    ("0 0 * * L", '"0 0 * * L": day of week "L" does not say which day is last',
     'write "5L" for the last Friday of the month'),
    ("0 LW * * *", '"0 LW * * *": hour "LW" belongs into the day of month field', f'write "*", 0 to 23, {VALUES}'),
    ("0 0 1#2 * *", '"0 0 1#2 * *": day of month "1#2" belongs into the day of week field',
     f'write "*", 1 to 31, {VALUES}'),
    ("0 5L * * *", '"0 5L * * *": hour "5L" belongs into the day of week field', f'write "*", 0 to 23, {VALUES}'),
    ("0 0 L-3 * *", '"0 0 L-3 * *": day of month "L-3" is not understood', f'write "*", 1 to 31, {VALUES}'),
    ("0 0 * Sept *", '"0 0 * Sept *": month "Sept" is not understood', f'write "*", 1 to 12 or jan to dec, {VALUES}'),
    ("0 0 * * x-y", '"0 0 * * x-y": day of week "x-y" is not understood',
     f'write "*", 0 to 7 or sun to sat, {VALUES}'),
    ("-5 * * * *", '"-5 * * * *": minute "-5" is not understood', f'write "*", 0 to 59, {VALUES}'),
    ("٣ * * * *", '"٣ * * * *": minute "٣" is not understood', f'write "*", 0 to 59, {VALUES}'),
    ("1,,2 * * * *", '"1,,2 * * * *": minute "" is an empty element of a list', "take the superfluous comma away"),
    ("0 0 ? * 1", '"0 0 ? * 1": day of month "?" is not cron', 'write "*"'),
    ("R * * * *", '"R * * * *": minute "R" would be random at each start', HASH_INSTEAD),
    ("R(0-9) * * * *", '"R(0-9) * * * *": minute "R(0-9)" would be random at each start', HASH_INSTEAD),
    ("H/0 * * * *", '"H/0 * * * *": minute "H/0" has a step outside 1 to 59', 'write "H" for one value'),
    ("H/60 * * * *", '"H/60 * * * *": minute "H/60" has a step outside 1 to 59', 'write "H" for one value'),
    ("@reboot", '"@reboot" is not a time', "write on_boot = true instead of schedule"),
    ("@every 5m", '"@every 5m" is not cron', 'write every = "5m" instead of schedule'),
    ("dayly", '"dayly" is not a preset', 'did you mean "daily"?'),
    ("@minute", '"@minute" is not a preset', 'did you mean "minutely"?'),
    ("@x", '"@x" is not a preset',
     "write one of minutely, hourly, daily, weekly, monthly, yearly, @hourly, @daily, @midnight, @weekly, @monthly, "
     f"@yearly, @annually, or {FIVE}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED, ids=[case[0] or "empty" for case in REFUSED])
def test_what_can_only_be_a_slip_is_refused_with_what_to_write_instead(text: str, message: str, hint: str) -> None:
    with pytest.raises(ScheduleProblem) as caught:
        compile_expression(text, "UTC")
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  30   2 * *\t* ", "30 2 * * *"),
        ("minutely", "* * * * *"),
        ("hourly", "0 * * * *"),
        ("Daily", "0 0 * * *"),
        ("weekly", "0 0 * * 0"),
        ("monthly", "0 0 1 * *"),
        ("yearly", "0 0 1 1 *"),
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("05 02 * JAN,feb mon-Fri", "5 2 * 1,2 1-5"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * fri-sun", "0 0 * * 5-7"),
        ("0 0 * * sun", "0 0 * * 0"),
        ("*/1 * * * *", "* * * * *"),
        ("29-29 * * * *", "29 * * * *"),
        ("5,5,7 * * * *", "5,7 * * * *"),
        ("10-20/1 * * * *", "10-20 * * * *"),
        ("0-59 * * * *", "0-59 * * * *"),  # FIXED where `*` is WILD
        ("0 0 l * *", "0 0 L * *"),
        ("0 0 lw,15w * *", "0 0 LW,15W * *"),
        ("0 0 * * mon#2,7l", "0 0 * * 1#2,0L"),
        ("h H(2-5) * * h/2", "H H(2-5) * * H/2"),
    ],
)
def test_a_canonical_text_says_the_same_in_one_way(text: str, canonical: str) -> None:
    assert normalise(text) == canonical
    assert normalise(canonical) == canonical


def dates(text: str, first: str, last: str) -> list[str]:
    """The dates of the slots, both ends included, in UTC."""
    after = int(datetime.fromisoformat(f"{first}T00:00Z").timestamp()) - 1
    until = int(datetime.fromisoformat(f"{last}T23:59Z").timestamp())
    slots = compile_expression(text, "UTC").slots_between(after, until, 1000)
    return [datetime.fromtimestamp(slot, UTC).strftime("%m-%d") for slot in slots]


# In 2026, January begins on a Thursday, February on a Sunday, May on a Friday.
@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("0 0 L * *", "2026-01-01", "2026-04-30", ["01-31", "02-28", "03-31", "04-30"]),
        ("0 0 L 2 *", "2028-01-01", "2028-12-31", ["02-29"]),
        ("0 0 LW * *", "2026-01-01", "2026-05-31", ["01-30", "02-27", "03-31", "04-30", "05-29"]),
        ("0 0 1W * *", "2026-01-01", "2026-05-31", ["01-01", "02-02", "03-02", "04-01", "05-01"]),
        ("0 0 15W * *", "2026-02-01", "2026-03-31", ["02-16", "03-16"]),
        ("0 0 31W * *", "2026-01-01", "2026-05-31", ["01-30", "03-31", "05-29"]),
        ("0 0 * * 1#1", "2026-01-01", "2026-03-31", ["01-05", "02-02", "03-02"]),
        ("0 0 * * 0#5", "2026-01-01", "2026-05-31", ["03-29", "05-31"]),
        ("0 0 * * 5L", "2026-01-01", "2026-03-31", ["01-30", "02-27", "03-27"]),
        ("0 0 29 2 *", "2026-01-01", "2032-12-31", ["02-29", "02-29"]),
        # Debian's rule of the two day fields
        ("0 0 1,15 * 1", "2026-02-01", "2026-02-28", ["02-01", "02-02", "02-09", "02-15", "02-16", "02-23"]),
        ("0 0 */2 * 1", "2026-02-01", "2026-02-28", ["02-09", "02-23"]),
        ("0 0 13 * */5", "2026-01-01", "2026-05-31", ["02-13", "03-13"]),
        ("0 0 1 * 1#1", "2026-02-01", "2026-03-31", ["02-01", "02-02", "03-01", "03-02"]),
        ("0 0 15W * 3", "2026-02-01", "2026-02-28", ["02-04", "02-11", "02-16", "02-18", "02-25"]),
        ("0 0 L * 0", "2026-02-01", "2026-02-28", ["02-01", "02-08", "02-15", "02-22", "02-28"]),
    ],
)
def test_days(text: str, first: str, last: str, expected: list[str]) -> None:
    assert dates(text, first, last) == expected


def test_a_range_of_one_value_is_that_value_and_not_the_whole_field() -> None:
    assert parse("29-29 * * * *").times[:2] == (29 * 60, 3600 + 29 * 60)
    assert len(parse("5-5 * * * *").times) == 24
    assert dates("0 0 29-29 * *", "2026-01-01", "2026-01-31") == ["01-29"]


def test_a_star_at_the_beginning_of_minute_or_hour_makes_an_expression_wild() -> None:
    wild = ["* * * * *", "*/5 3 * * *", "0 * * * *", "0 */2 * * *", "*,5 3 * * *", "H * * * *"]
    fixed = ["0 0 * * *", "0-59 0-23 * * *", "5,* 3 * * *", "H H * * *", "0 0 */2 * */2", "H/5 3 * * *"]
    assert [parse(text).wild for text in wild] == [True] * len(wild)
    assert [parse(text).wild for text in fixed] == [False] * len(fixed)


def test_a_hash_is_drawn_from_the_job_name_and_never_changes() -> None:
    assert parse("H H H H H", "nightly-backup").text == parse("H H H H H", "nightly-backup").text
    assert (
        parse("H H * * *", "nightly-backup").text == "33 20 * * *"
    )  # another value would change the time of every H job
    assert parse("H/15 * * * *", "nightly-backup").text == "3-59/15 * * * *"


def test_hashes_spread_jobs_over_the_whole_range_and_stay_inside_it() -> None:
    drawn = [parse("H H(2-5) H H H", f"job-{number}").fields for number in range(2000)]
    assert {fields[0].values()[0] for fields in drawn} == set(range(60))
    assert {fields[1].values()[0] for fields in drawn} == set(range(2, 6))
    assert {fields[2].values()[0] for fields in drawn} == set(range(1, 29))
    assert {fields[3].values()[0] for fields in drawn} == set(range(1, 13))
    assert {fields[4].values()[0] for fields in drawn} == set(range(7))


def test_presets_are_not_hashed() -> None:
    assert parse("@daily", "any-name").text == "0 0 * * *"
    assert parse("daily", "any-name").text == "0 0 * * *"


def croniters_dates(text: str, after: datetime, count: int) -> list[datetime]:
    """The next days in the eyes of croniter, on naive UTC, where its traps with clocks are out of the way."""
    rounds = croniter(text, after)
    return [rounds.get_next(datetime) for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_days_agree_with_croniter_where_croniter_can_be_trusted(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        # One day field at a time: beside another one croniter ignores `#` and `W` silently.
        date = chance.choice((f"{chance.randrange(1, 29)}", "L", f"{chance.randrange(1, 29)}W", "10-20/3", "*/5"))
        day = chance.choice((f"{chance.randrange(7)}", f"{chance.randrange(7)}#{chance.randrange(1, 5)}",
                             f"L{chance.randrange(7)}", "1-5", "*/2"))  # fmt: skip
        months = chance.choice(("*", "1,3", "2-6", "*/4"))
        begin = datetime(chance.randrange(1975, 2090), chance.randrange(1, 13), 1, tzinfo=UTC)
        for text in (f"7 3 {date} {months} *", f"7 3 * {months} {day}"):
            ours = text.replace("L", "", 1) + "L" if " L" in text and text[-2] == "L" else text
            expected = [int(moment.timestamp()) for moment in croniters_dates(text, begin, 12)]
            schedule = compile_expression(ours, "UTC")
            assert schedule.slots_between(int(begin.timestamp()), expected[-1], 100) == expected, text


def test_what_is_spelled_the_same_is_read_once() -> None:
    assert parse("30 2 * * *", "one") is parse("30 2 * * *", "other")
    assert parse("30 2 * * *").fields[0] is parse("30 3 * * 1").fields[0]


def test_a_draw_is_made_for_each_job_also_where_h_is_small() -> None:
    drawn = {parse("h 2 * * *", f"job-{number}").text for number in range(50)}
    assert len(drawn) > 20
    assert parse("h 2 * * *", "job-1").text == parse("H 2 * * *", "job-1").text
