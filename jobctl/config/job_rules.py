"""What must hold between the keys of one job."""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from typing import Any

from jobctl.config.document import as_written
from jobctl.config.drafts import Draft
from jobctl.config.job_keys import TRIGGERS
from jobctl.config.moments import is_date
from jobctl.config.suggest import did_you_mean

_PARAM_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "list": (list,),
}  # fmt: skip
_EXPECTED = {
    "string": "a string", "integer": "a whole number", "number": "a finite number", "boolean": "true or false",
    "list": "a list of strings, numbers and booleans",
}  # fmt: skip
_RULES_OF_TYPE = {
    "pattern": ("string",), "minimum": ("integer", "number"), "maximum": ("integer", "number"),
    "min_length": ("string", "list"), "max_length": ("string", "list"), "choices": ("string", "integer", "number"),
}  # fmt: skip


def check_command(draft: Draft) -> None:
    """Every job has a command, its own or that of `[defaults]`."""
    if "command" not in draft.values and "command" not in draft.written:
        draft.error("command", "command is missing", 'write command = "…" or command = ["program", "argument"]')
    command = draft.values.get("command")
    if isinstance(command, tuple) and not command[0].strip():
        draft.error("command", "expected a program, not an empty string", "", (0,))


def check_triggers(draft: Draft) -> None:
    """At most one of `schedule`, `every`, `every_after` and `at`."""
    own = [key for key in draft.written if key in TRIGGERS]
    used = own or [key for key in TRIGGERS if key in draft.values]
    for key in used[1:]:
        draft.error(key, f"excludes {used[0]}: a job has one of {', '.join(TRIGGERS)}", "keep one of them")


def resolve_instant(draft: Draft, system_zone: str) -> None:
    """Turn `at` into a slot. Without an offset it is a time of the job's zone, where it must exist."""
    at = draft.values.get("at")
    if not isinstance(at, dt.datetime):
        return
    if at.tzinfo is None:
        zone = draft.values.get("timezone") or system_zone
        local = at.replace(tzinfo=zoneinfo.ZoneInfo(zone))
        back = dt.datetime.fromtimestamp(_seconds(local), local.tzinfo)
        if back.replace(tzinfo=None) != at.replace(microsecond=0):
            draft.error("at", f"{at} does not exist in {zone}, where the clock skips it", f"write {back} instead")
        at = local
    draft.values["at"] = _seconds(at)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _seconds(at: dt.datetime) -> int:
    try:
        return (at - _EPOCH) // dt.timedelta(seconds=1)
    except OverflowError:
        return 0


def resolve_calendars(draft: Draft, calendars: dict[str, frozenset[str]]) -> None:
    """Replace names in `calendar_exclude` by their dates."""
    excluded = draft.values.get("calendar_exclude")
    if not excluded:
        return
    dates: set[str] = set()
    for word in sorted(excluded):
        if is_date(word):
            dates.add(word)
        elif word in calendars:
            dates |= calendars[word]
        else:
            _unknown_calendar(draft, word, calendars)
    draft.values["calendar_exclude"] = frozenset(dates)


def _unknown_calendar(draft: Draft, word: str, calendars: dict[str, frozenset[str]]) -> None:
    hint = did_you_mean(word, calendars) or f'write [calendars.{word}] with dates = ["2026-12-25"]'
    draft.error("calendar_exclude", f'there is no calendar "{word}"', hint, index_of(draft, "calendar_exclude", word))


def index_of(draft: Draft, key: str, word: str) -> tuple[int, ...]:
    """Where in a list of the file the word stands; empty when the key holds no such list."""
    document, path = draft.place(key)
    table: Any = document.tables
    for part in path:
        table = table.get(part) if isinstance(table, dict) else None
    return (table.index(word),) if isinstance(table, list) and word in table else ()


def check_params(draft: Draft) -> None:
    """Each param's default and choices are of its type, and the default obeys its own rules."""
    for name, rules in draft.values.get("params", {}).items():
        if "type" in rules:
            _check_param(draft, name, rules)


def _check_param(draft: Draft, name: str, rules: dict[str, Any]) -> None:
    kind = rules["type"]
    for rule, types in _RULES_OF_TYPE.items():
        if rule in rules and kind not in types:
            draft.error("params", f"does not apply to type {kind}", f"it is for {' and '.join(types)}", (name, rule))
    for low, high in (("minimum", "maximum"), ("min_length", "max_length")):
        if low in rules and high in rules and rules[low] > rules[high]:
            draft.error("params", f"is above {high}, which is {rules[high]:g}", "", (name, low))
    for index, choice in enumerate(rules.get("choices", ())):
        if not _is_of_type(choice, kind):
            message = f"expected {_EXPECTED[kind]}, not {as_written(choice)}"
            draft.error("params", message, "", (name, "choices", index))
    if "default" not in rules:
        return
    if rules.get("required"):
        draft.error("params", "a required param needs no default", "take one of the two out", (name, "default"))
    elif broken := _broken_by(rules["default"], rules):
        draft.error("params", f"expected {broken}, not {as_written(rules['default'])}", "", (name, "default"))


def _is_of_type(value: object, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if isinstance(value, list) and not all(isinstance(one, str | int | float | bool) for one in value):
        return False
    return isinstance(value, _PARAM_TYPES[kind])


def _broken_by(value: Any, rules: dict[str, Any]) -> str:
    """What the rules expect of the value where it does not obey them."""
    if not _is_of_type(value, rules["type"]):
        return _EXPECTED[str(rules["type"])]
    if rules.get("choices") and value not in rules["choices"]:
        return "one of " + ", ".join(as_written(choice) for choice in rules["choices"])
    if isinstance(value, str) and "pattern" in rules and not re.search(rules["pattern"], value):
        return f"a match of {rules['pattern']}"
    if isinstance(value, str | list):
        return _outside(len(value), rules, "min_length", "max_length", "a length")
    return _outside(value, rules, "minimum", "maximum", "a number")


def _outside(value: float, rules: dict[str, Any], low: str, high: str, noun: str) -> str:
    if low in rules and value < rules[low]:
        return f"{noun} of at least {rules[low]:g}"
    if high in rules and value > rules[high]:
        return f"{noun} of at most {rules[high]:g}"
    return ""
