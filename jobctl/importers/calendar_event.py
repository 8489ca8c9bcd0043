"""`OnCalendar=` of systemd (systemd.time, "Calendar events"), taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jobctl.importers.findings import CannotKeep

_SHORTHANDS = {
    "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00", "monthly": "*-*-01 00:00:00",
    "weekly": "Mon *-*-* 00:00:00", "yearly": "*-01-01 00:00:00", "annually": "*-01-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00", "semiannually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00", "biannually": "*-01,07-01 00:00:00", "bi-annually": "*-01,07-01 00:00:00",
    "midnight": "*-*-* 00:00:00", "anually": "*-01-01 00:00:00",
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHAIN = re.compile(r"(\d{1,4})(?:\.\.(\d{1,4}))?(?:/(\d{1,4}))?", re.ASCII)
_SECOND = re.compile(r"\d{1,2}(?:\.\d+)?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
_WEEKDAYS = re.compile(r"[A-Za-z.,-]+")


@dataclass(frozen=True, slots=True)
class Chain:
    """`start..stop/repeat`; stop None: no end given, repeat 0: none."""

    start: int
    stop: int | None
    repeat: int

    def values(self, high: int) -> range:
        """The numbers up to `high`."""
        if self.stop is None and not self.repeat:
            return range(self.start, self.start + 1)
        return range(self.start, min(high, high if self.stop is None else self.stop) + 1, self.repeat or 1)


Chains = tuple[Chain, ...] | None  # None: any value


@dataclass(frozen=True, slots=True)
class Event:
    """The pieces of an expression. `weekdays` are 0 (Sunday) to 6; `from_end`: days count from the month's end."""

    text: str
    weekdays: frozenset[int] | None
    year: Chains
    month: Chains
    day: Chains
    from_end: bool
    hour: Chains
    minute: Chains
    second: Chains
    zone: str | None


def parse_event(text: str) -> Event:
    """The expression. CannotKeep: systemd would not take it either, or it has fractions of seconds."""
    words = text.split()
    zone = None
    if len(words) > 1 and _ZONE.fullmatch(words[-1]) and _weekdays(words[-1]) is None:
        zone = words.pop()
    words = _SHORTHANDS.get(" ".join(words).lower(), " ".join(words)).split()
    weekdays = None
    if words and _WEEKDAYS.fullmatch(words[0]):
        weekdays = _weekdays(words.pop(0))
        if weekdays is None:
            raise _unknown(text)
    date, time = _date_and_time(words, text)
    if not words and weekdays is None:
        raise _unknown(text)
    from_end = "~" in date
    pieces = date.replace("~", "-").split("-") if date else ["*", "*", "*"]
    pieces = ["*"] * (3 - len(pieces)) + pieces
    clock = time.split(":") if time else ["00", "00"]
    clock += ["00"] * (3 - len(clock))
    if len(pieces) != 3 or len(clock) != 3:
        raise _unknown(text)
    year, month, day = (_chains(piece, text, bounds) for piece, bounds in zip(pieces, _DATE_BOUNDS, strict=True))
    hour, minute, second = (_chains(piece, text, bounds) for piece, bounds in zip(clock, _TIME_BOUNDS, strict=True))
    return Event(text, weekdays, year, month, day, from_end, hour, minute, second, zone)


_DATE_BOUNDS = ((0, 9999), (1, 12), (1, 31))
_TIME_BOUNDS = ((0, 23), (0, 59), (0, 59))


def _date_and_time(words: list[str], text: str) -> tuple[str, str]:
    times = [word for word in words if ":" in word]
    dates = [word for word in words if ":" not in word]
    if len(times) > 1 or len(dates) > 1 or any("-" not in word and "~" not in word for word in dates):
        raise _unknown(text)
    return (dates or [""])[0], (times or [""])[0]


def _chains(piece: str, text: str, bounds: tuple[int, int]) -> Chains:
    if piece == "*":
        return None
    chains = []
    for element in piece.split(","):
        if bounds == (0, 59) and _SECOND.fullmatch(element.partition("/")[0]) and "." in element.replace("..", ""):
            raise CannotKeep(f'OnCalendar "{text}" has fractions of seconds: slots are whole seconds')
        match = _CHAIN.fullmatch(element)
        if match is None:
            raise _unknown(text)
        start, stop = int(match[1]), int(match[2]) if match[2] else None
        if bounds[1] == 9999 and start < 100:
            start += 2000 if start < 70 else 1900
        repeats_beyond = match[3] is not None and start + int(match[3]) > bounds[1]
        if (
            match[3] == "0"
            or repeats_beyond
            or not bounds[0] <= start <= (stop if stop is not None else bounds[1]) <= bounds[1]
        ):
            raise _unknown(text)
        chains.append(Chain(start, stop, int(match[3] or 0)))
    return tuple(chains)


def _weekdays(word: str) -> frozenset[int] | None:
    """`Mon..Fri,Sun`; None when it is none of that."""
    found: set[int] = set()
    for element in word.lower().strip(",").split(","):
        first, dots, last = element.partition(".." if ".." in element else "-")
        begin = _day(first)
        end = _day(last) if dots else begin
        if begin is None or end is None or begin > end:
            return None
        found |= {(day + 1) % 7 for day in range(begin, end + 1)}
    return frozenset(found) if len(found) < 7 else frozenset(range(7))


def _day(word: str) -> int | None:
    names = _DAYS if len(word) == 3 else _FULL
    return names.index(word) if word in names else None


def _unknown(text: str) -> CannotKeep:
    hint = '; write "0/12" for "*/12"' if "*/" in text else ""
    hint = "; it knows no comments behind a value" if "#" in text else hint
    return CannotKeep(f'OnCalendar "{text}" is nothing that systemd understands{hint}')
