"""When a job is to start, as a person says it: `every 15 minutes`, `weekdays at 8:30`, or a cron expression."""

from __future__ import annotations

import re

from jobctl.domain.schedule_problem import ScheduleProblem

EXPECTED = (
    'such as "daily at 2:30", "every 15 minutes", "mondays and fridays at 9", "on the 1st at 6:00" or "30 2 * * *"'
)

_PRESETS = frozenset({"minutely", "hourly", "daily", "weekly", "monthly", "yearly"})
_EACH = {"minute": "minutely", "hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
_UNITS = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_DAY = r"(?:sun|mon|tue|wed|thu|fri|sat)(?:day|s|sday|nesday|rsday|urday)?s?"
_TIME = r"(?P<time>noon|midnight|\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?)"
_AT = rf"(?:\s+at\s+{_TIME})?"
_ON_DAYS = re.compile(
    rf"(?:on\s+|every\s+|each\s+)?(?P<days>weekdays?|weekends?|{_DAY}(?:(?:\s*,\s*|\s+and\s+|\s+){_DAY})*){_AT}"
)
_DAILY = re.compile(
    rf"(?:daily|every\s+day|each\s+day|every\s+night|nightly){_AT}|at\s+{_TIME.replace('time', 'alone')}"
)
_MONTHLY = re.compile(
    rf"(?:monthly\s+|every\s+month\s+)?on\s+the\s+(?P<day>last(?:\s+day)?|\d{{1,2}}(?:st|nd|rd|th)?)"
    rf"(?:\s+of\s+(?:the|each|every)\s+month)?{_AT}"
)
_EVERY = re.compile(
    r"(?:every|each)\s+(?P<count>\d+)\s*(?P<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|weeks?|w)"
)
_FIELDS = re.compile(r"[-\w*/,#?]+(?:\s+[-\w*/,#?]+){4}")


def plain_schedule(text: str) -> dict[str, object] | None:
    """The keys of a job that say the same; empty for `never`. None: it is not understood. Whether an expression is
    right is found where the job is read. ScheduleProblem: it names a time that no day has."""
    words = " ".join(text.strip().split())
    said = words.lower()
    if said in ("", "never", "no", "none", "by hand", "manually"):
        return {}
    if said in _PRESETS or said.startswith("@"):
        return {"on_boot": True} if said == "@reboot" else {"schedule": said}
    if said in ("at boot", "on boot"):
        return {"on_boot": True}
    if each := re.fullmatch(r"(?:every|each) (minute|hour|day|week|month|year)", said):
        return {"schedule": _EACH[each[1]]}
    if every := _EVERY.fullmatch(said):
        return {"every": every["count"] + _UNITS.get(every["unit"].rstrip("s") or "second", every["unit"])}
    if _FIELDS.fullmatch(words) and re.match(r"[\d*hH]", words):
        return {"schedule": words}
    cron = _of_days(said)
    return None if cron is None else {"schedule": cron}


def _of_days(said: str) -> str | None:
    if daily := _DAILY.fullmatch(said):
        return _cron(daily["time"] or daily["alone"], "* * *")
    if monthly := _MONTHLY.fullmatch(said):
        day = "L" if monthly["day"].startswith("last") else re.sub(r"\D", "", monthly["day"])
        return _cron(monthly["time"], f"{day} * *")
    if on_days := _ON_DAYS.fullmatch(said):
        return _cron(on_days["time"], f"* * {_day_field(on_days['days'])}")
    return None


def _day_field(said: str) -> str:
    if said.startswith("weekday"):
        return "1-5"
    if said.startswith("weekend"):
        return "0,6"
    days = {_DAYS[day[:3]] for day in re.findall(_DAY, said)}
    return ",".join(map(str, sorted(days)))


def _cron(time: str | None, days: str) -> str:
    if time is None or time == "midnight":
        return f"0 0 {days}"
    if time == "noon":
        return f"0 12 {days}"
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?", time)
    assert found is not None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half is not None:
        if not 1 <= hour <= 12:
            raise ScheduleProblem(f'"{time}" is no time of day', f"with {half} the hours are 1 to 12")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        part, last = ("hour", 23) if hour > 23 else ("minute", 59)
        raise ScheduleProblem(f'"{time}" is no time of day', f"{part}s are 0 to {last}")
    return f"{minute} {hour} {days}"
