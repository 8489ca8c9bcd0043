"""OnCalendar in the words of a jobs file, compared with what systemd itself makes of it."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from jobctl.domain.fixed_slots import Every
from jobctl.domain.schedule import compile_expression
from jobctl.importers.calendar_cron import When, when
from jobctl.importers.calendar_event import parse_event
from jobctl.importers.findings import CannotKeep

BASE = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
COUNT = 8


@pytest.mark.parametrize(
    ("written", "cron"),
    [
        ("daily", "0 0 * * *"),
        ("weekly", "0 0 * * 1"),
        ("Quarterly", "0 0 1 */3 *"),
        ("semi-annually", "0 0 1 */6 *"),
        ("*:0/15", "*/15 * * * *"),
        ("*:2/3", "2,5,8,11,14,17,20,23,26,29,32,35,38,41,44,47,50,53,56,59 * * * *"),
        ("0/6:30", "30 */6 * * *"),
        ("8..18:00", "0 8-18 * * *"),
        ("Mon..Fri,Sun 07:05", "5 7 * * 0-5"),
        ("Mon-Fri 10:00", "0 10 * * 1-5"),
        ("Wed, 17:48", "48 17 * * 3"),
        ("monday *-12-* 17:00", "0 17 * 12 1"),
        ("10-15", "0 0 15 10 *"),
        ("*-*-1,15 03:00:00", "0 3 1,15 * *"),
        ("Mon *-*-1..7", "0 0 * * 1#1"),
        ("Sat,Sun *-*-8..21 4:00", "0 4 * * 0#2,6#2,0#3,6#3"),
        ("Mon *-*-1/2", "0 0 */2 * 1"),
        ("*-*~1 23:00", "0 23 L * *"),
        ("Fri *-*~7/1", "0 0 * * 5L"),
        ("00:00,30", "0,30 0 * * *"),
        ("Mon..Sun 1:00", "0 1 * * *"),
    ],
)
def test_an_event_is_a_line_of_cron(written: str, cron: str) -> None:
    assert when(parse_event(written)) == When(cron=cron)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("*:*:0/30", When(every=30)),
        ("*:*:*", When(every=1)),
        ("03:00:17", When(cron="0 3 * * *", dropped_seconds=17)),
        ("2026-12-24 18:00", When(at=datetime.fromisoformat("2026-12-24T18:00:00"))),
    ],
)
def test_an_event_is_an_interval_an_instant_or_a_little_early(written: str, found: When) -> None:
    assert when(parse_event(written)) == found


@pytest.mark.parametrize(
    ("written", "zone"), [("daily UTC", "UTC"), ("Sat 3:15 Europe/Berlin", "Europe/Berlin"), ("Sat 3:15", None)]
)
def test_a_zone_may_follow(written: str, zone: str | None) -> None:
    assert parse_event(written).zone == zone


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("*-*-* */12:00:00", 'write "0/12"'),
        ("22..2:00", "nothing that systemd understands"),
        ("Fri..Mon", "nothing that systemd understands"),
        ("5/22:00", "nothing that systemd understands"),
        ("24:00", "nothing that systemd understands"),
        ("", "nothing that systemd understands"),
        ("10", "nothing that systemd understands"),
        ("*:*:0.5", "fractions of seconds"),
        ("*:0:0,30", "several seconds"),
        ("2026..2030-01-01", "names years"),
        ("Mon *-*-3..9", "at once"),
        ("*-*~3", "counts from the end"),
        ("*-02-30", "names dates that never come"),
    ],
)
def test_what_cannot_be_said_says_so(written: str, reason: str) -> None:
    with pytest.raises(CannotKeep) as refusal:
        when(parse_event(written))
    assert reason in str(refusal.value)


def element(chance: random.Random, low: int, high: int) -> str:
    a, b = sorted(chance.sample(range(low, high + 1), 2))
    step = chance.randrange(1, high)
    return chance.choice(
        ("*", f"{a}", f"{a:02}", f"{a},{b}", f"{a}..{b}", f"{low}/{step}", f"{a}/{step}", f"{a}..{b}/{step}")
    )


def event(chance: random.Random) -> str:
    days = chance.choice(("", "", "Mon ", "Tue..Thu ", "Sat,Sun ", "mon,wed..fri "))
    date = chance.choice(
        ("", "*-*-* ", f"*-{element(chance, 1, 12)}-{element(chance, 1, 28)} ", "*-*-1..7 ", "*-*~01 ")
    )
    return f"{days}{date}{element(chance, 0, 23)}:{element(chance, 0, 59)}"


def elapses(expressions: list[str]) -> list[list[int]]:
    """The next times of each, by systemd."""
    said = subprocess.run(
        ["systemd-analyze", "calendar", f"--iterations={COUNT}", "--base-time=2026-01-01 00:00:00 UTC", *expressions],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    found = []
    for block in re.split(r"Normalized form:", said)[1:]:
        times = re.findall(
            r"(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", block
        )
        found.append([int(datetime.fromisoformat(f"{time}+00:00").timestamp()) for time in times])
    return found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_slots_are_those_of_systemd() -> None:
    chance = random.Random(20_261_128)
    told: dict[str, str] = {}
    while len(told) < 80:
        written = event(chance)
        try:
            cron = when(parse_event(written)).cron
        except CannotKeep:
            continue
        assert cron is not None
        told[written] = cron
    compared = 0
    for (written, cron), times in zip(told.items(), elapses(list(told)), strict=True):
        slots = compile_expression(cron, "UTC").slots_between(BASE, BASE + 40 * 366 * 86400, COUNT)
        assert slots[: len(times)] == times, f"{written} became {cron}"
        compared += len(times)
    assert compared > 80 * COUNT // 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_slots_of_an_interval_are_those_of_systemd() -> None:
    for seconds, times in zip((20, 1), elapses(["*:*:0/20", "*:*:*"]), strict=True):
        assert Every(seconds).slots_between(BASE, BASE + 3600, COUNT) == times
