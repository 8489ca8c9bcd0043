"""Random expressions around clock changes, against a minute-by-minute model of Debian's cron."""

from __future__ import annotations

import random
import zoneinfo
from functools import cache

import pytest

from jobctl.domain.schedule import compile_expression
from tests.domain import debian_cron_model as model

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Havana", "America/Sao_Paulo",
    "America/Santiago", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Tehran", "Asia/Gaza",
    "Asia/Kathmandu", "Asia/Pyongyang", "Asia/Amman", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Chatham",
    "Pacific/Auckland", "Pacific/Norfolk", "Antarctica/Troll", "America/Caracas", "Atlantic/Azores", "UTC",
)  # fmt: skip
DAY = 1440  # all arithmetic in minutes here
PER_WINDOW = 10
ANY_MINUTE = 29_883_600  # for a zone whose clock is never set


class Case:
    """One window around a change of a zone's clock, and expressions that like the hours around it."""

    def __init__(self, chance: random.Random, zone: str, change: int) -> None:
        self.zone = zone
        self.change = change
        before, after = chance.randrange(30, 2 * DAY), chance.randrange(30, 2 * DAY)
        self.wall = model.Wall(zone, change - before, change + after)
        local = self.wall.shown[before]
        self.hours = [(local // 60 + shift) % 24 for shift in (-2, -1, -1, 0, 0, 1, 2)]
        moment = model.taken_apart(local)
        self.dates = [max(1, moment.date - 1), moment.date, min(28, moment.date + 1)]
        self.weekday = moment.weekday
        self.month = moment.month

    def expression(self, chance: random.Random) -> str:
        return " ".join(
            (self._minute(chance), self._hour(chance), self._date(chance), self._month(chance), self._weekday(chance))
        )

    def _minute(self, chance: random.Random) -> str:
        a, b = sorted(chance.sample(range(60), 2))
        step = chance.choice((2, 5, 7, 15, 20, 30, 35))
        return chance.choice(
            ("*", f"*/{step}", "0", "30", f"{a}", f"{a},{b}", f"{a}-{b}", f"0-59/{step}", "0-59", f"*,{a}")
        )

    def _hour(self, chance: random.Random) -> str:
        a, b = sorted((chance.choice(self.hours), chance.choice(self.hours)))
        step = chance.choice((2, 3, 5, 6))
        return chance.choice(
            ("*", "*", f"*/{step}", f"{a}", f"{a}", f"{b}", f"{a},{b}", f"{a}-{b}", "0-23", f"0-23/{step}", f"{b},*")
        )

    def _date(self, chance: random.Random) -> str:
        a, b = sorted((chance.choice(self.dates), chance.choice(self.dates)))
        return chance.choice(("*",) * 6 + (f"{a}", f"{a}-{b}", f"{a},{b}", "*/2", "1-31", "*/3,5"))

    def _month(self, chance: random.Random) -> str:
        return chance.choice(("*",) * 6 + (f"{self.month}", model.MONTHS[self.month - 1], "1-12", "*/2"))

    def _weekday(self, chance: random.Random) -> str:
        other = chance.randrange(8)
        return chance.choice(
            ("*",) * 6 + (f"{self.weekday}", model.WEEKDAYS[self.weekday], f"{other}", "*/2", "1-5", "6,7", "5-7")
        )


@cache
def changes_of(zone: str) -> list[int]:
    found = list(model.changes(zone, 1973, 2040))
    return [change for change in found if abs(_jump(zone, change)) < 180] or [ANY_MINUTE]


def _jump(zone: str, change: int) -> int:
    wall = model.Wall(zone, change - 1, change)
    return wall.shown[1] - wall.shown[0] - 1


def compare(text: str, zone: str, wall: model.Wall) -> int:
    """Both answers must be equal. How many slots there were."""
    first, last = wall.first, wall.first + len(wall.shown) - 1
    expected = [60 * minute for minute in model.runs(model.read_entry(text), wall)]
    schedule = compile_expression(text, zone)
    got = schedule.slots_between(60 * first, 60 * last, 1_000_000)
    # The daemon is up from the window's first minute on, and cron sets its clock then: a gap before it is no concern.
    assert got == expected, f"{text!r} in {zone} from minute {first} to {last}"
    assert schedule.newest_between(60 * first, 60 * last, 1_000_000) == expected, text
    assert schedule.count_between(60 * first, 60 * last, 1_000_000) == len(expected), text
    return len(expected)


def fuzz(seed: int, zones: tuple[str, ...], cases: int) -> tuple[int, int]:
    """Run so many cases. How many were compared, and how many of them had a slot at all."""
    chance = random.Random(seed)
    done = telling = 0
    while done < cases:
        zone = chance.choice(zones)
        case = Case(chance, zone, chance.choice(changes_of(zone)))
        for _ in range(min(PER_WINDOW, cases - done)):
            telling += compare(case.expression(chance), zone, case.wall) > 0
            done += 1
    return done, telling


def test_random_expressions_around_clock_changes_run_when_debians_cron_runs_them() -> None:
    done, telling = fuzz(20_261_122, ZONES[:8], 500)
    assert done == 500
    assert telling > 300


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_twenty_thousand_random_expressions_run_when_debians_cron_runs_them() -> None:
    done, telling = fuzz(1, ZONES, 20_000)
    print(f"\n{done} cases, {telling} with at least one slot, all equal")
    assert done == 20_000
    assert telling > 12_000


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_change_of_every_zone_from_2000_to_2040_is_what_debians_cron_makes_of_it() -> None:
    seen = compared = 0
    for zone in sorted(zoneinfo.available_timezones()):
        for change in model.changes(zone, 2000, 2040):
            if abs(_jump(zone, change)) >= 180:
                continue
            seen += 1
            wall = model.Wall(zone, change - 300, change + 300)
            hour = wall.shown[299] // 60 % 24
            for text in ("* * * * *", "*/20 * * * *", f"7 {(hour - 1) % 24} * * *", f"30 {hour} * * *",
                         f"0-59/30 {(hour + 1) % 24} * * *", f"0 {(hour + 2) % 24} * * *"):  # fmt: skip
                compare(text, zone, wall)
                compared += 1
    print(f"\n{seen} changes, {compared} comparisons, all equal")
    assert seen > 10_000
