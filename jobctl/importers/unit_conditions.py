"""`ConditionPathExists=` and its like of a timer and its service, as tests before the command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.specifiers import expand
from jobctl.importers.telling import Telling
from jobctl.importers.unit_file import Setting, Unit

_TESTS = {
    "PathExists": "-e",
    "PathIsDirectory": "-d",
    "PathIsSymbolicLink": "-L",
    "FileIsExecutable": "-x",
    "FileNotEmpty": "-s",
}
_KEY = re.compile(r"(Condition|Assert)(\w+)")
_OF_THE_INITRD = "!/etc/initrd-release"  # always holds once the machine is up


def guarded(command: object, units: Iterable[Unit], known: Mapping[str, str], telling: Telling) -> object:
    """The command, behind tests for the conditions on files; the other conditions are told."""
    guards: list[str] = []
    others: list[Setting] = []
    for setting in [setting for unit in units for setting in unit.settings if setting.section == "Unit"]:
        match = _KEY.fullmatch(setting.key)
        if match is None or setting.value in ("", _OF_THE_INITRD):
            continue
        guard = _guard(match[1], match[2], setting, known)
        if guard is None:
            others.append(setting)
        elif guard not in guards:
            guards.append(guard)
            ends = "the run has succeeded, not been skipped" if match[1] == "Condition" else "the run has failed"
            telling.changed(setting, f"became `{guard}`: where it does not hold, {ends}")
    power = [setting for setting in others if setting.key.endswith("ACPower")]
    telling.together(power, Fate.LOST, "write `systemd-ac-power || exit 0` before the command, or `on_ac_power`")
    rest = [setting for setting in others if setting not in power]
    telling.together(rest, Fate.LOST, "write the condition into the command: if [ … ]; then …; fi")
    if not guards:
        return command
    text = command if isinstance(command, str) else f"exec {shlex.join(str(word) for word in _list(command))}"
    return "\n".join([*guards, text])


def _list(command: object) -> list[object]:
    return command if isinstance(command, list) else [command]


def _guard(kind: str, what: str, setting: Setting, known: Mapping[str, str]) -> str | None:
    """The test as a line for the shell; None where it is about something else than a file, or one of several."""
    negated, path = setting.value.startswith("!"), setting.value.lstrip("!").strip()
    if what not in _TESTS or not path.startswith(("/", "%")):
        return None
    try:
        path = shlex.quote(expand(path, known))
    except CannotKeep:
        return None
    test = f"[ {'! ' if negated else ''}{_TESTS[what]} {path} ]"
    return f"{test} || exit {0 if kind == 'Condition' else 1}"
