"""What must hold between the keys of one job."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from jobctl.config.document import as_written
from jobctl.config.drafts import Draft
from jobctl.config.job_keys import TRIGGERS
from jobctl.config.moments import is_date, may_name_a_calendar
from jobctl.config.suggest import did_you_mean
from jobctl.domain.definition_records import CHAIN_KEYS
from jobctl.domain.job import Param
from jobctl.domain.own_variables import VARIABLE_PREFIX
from jobctl.domain.params import expected_of, expected_of_type, is_of_type

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
    if excluded is None:
        _refuse_unknown_beside_errors(draft, calendars)
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


def _refuse_unknown_beside_errors(draft: Draft, calendars: dict[str, frozenset[str]]) -> None:
    """A list with an error in one place is read for names that nobody defined all the same."""
    written = draft.written.get("calendar_exclude")
    for word in written if isinstance(written, list) else ():
        if isinstance(word, str) and may_name_a_calendar(word) and word not in calendars:
            _unknown_calendar(draft, word, calendars)


def _unknown_calendar(draft: Draft, word: str, calendars: dict[str, frozenset[str]]) -> None:
    hint = did_you_mean(word, calendars) or f'write [calendars.{word}] with dates = ["2026-12-25"]'
    draft.error("calendar_exclude", f'there is no calendar "{word}"', hint, index_of(draft, "calendar_exclude", word))


def index_of(draft: Draft, key: str, word: object) -> tuple[int, ...]:
    """Where in a list of the file the word stands; empty when the key holds no such list."""
    document, path = draft.place(key)
    table: Any = document.tables
    for part in path:
        table = table.get(part) if isinstance(table, dict) else None
    return (table.index(word),) if isinstance(table, list) and word in table else ()


def check_params(draft: Draft) -> None:
    """Each param's default and choices are of its type, the default obeys its own rules, no two are one variable, and
    runs that start by themselves have all that they need."""
    variables: dict[str, str] = {}
    clock = next((key for key in (*TRIGGERS, "on_start", "on_boot", *CHAIN_KEYS) if draft.values.get(key)), None)
    for name, rules in draft.values.get("params", {}).items():
        if "type" in rules:
            _check_param(draft, name, rules)
        if clock is not None and rules.get("required"):
            hint = f"give it a default, or take `{clock}` out"
            draft.error("params", f"nobody gives it to the runs that `{clock}` starts", hint, (name, "required"))
        other = variables.setdefault(name.upper(), name)
        if other != name:
            draft.error("params", f"is {VARIABLE_PREFIX}{name.upper()}, as {other} is", "rename one", (name,))


def _check_param(draft: Draft, name: str, rules: dict[str, Any]) -> None:
    kind = rules["type"]
    for rule, types in _RULES_OF_TYPE.items():
        if rule in rules and kind not in types:
            draft.error("params", f"does not apply to type {kind}", f"it is for {' and '.join(types)}", (name, rule))
    for low, high in (("minimum", "maximum"), ("min_length", "max_length")):
        if low in rules and high in rules and rules[low] > rules[high]:
            draft.error("params", f"is above {high}, which is {rules[high]:g}", "", (name, low))
    for index, choice in enumerate(rules.get("choices", ())):
        if not is_of_type(choice, kind):
            message = f"expected {expected_of_type(kind)}, not {as_written(choice)}"
            draft.error("params", message, "", (name, "choices", index))
    if "default" not in rules:
        return
    if rules.get("required"):
        draft.error("params", "a required param needs no default", "take one of the two out", (name, "default"))
    elif broken := expected_of(rules["default"], Param(**rules)):
        draft.error("params", f"expected {broken}, not {as_written(rules['default'])}", "", (name, "default"))
