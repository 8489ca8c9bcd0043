"""Limits and walls of a service: what the kernel enforces, and what jobctl does not build."""

from __future__ import annotations

import math
import re

from jobctl.domain.units import write_duration
from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.telling import Telling
from jobctl.importers.time_span import read_span
from jobctl.importers.unit_file import Setting, Unit

_SIZES = {"": "B", "K": "KiB", "M": "MiB", "G": "GiB", "T": "TiB"}
_WALLS = re.compile(
    r"Protect|Private|Restrict|NoNewPrivileges|Capability|AmbientCapabilities|SystemCall|MemoryDenyWriteExecute|"
    r"LockPersonality|ReadWrite|ReadOnly|Inaccessible|Exec(?:Paths|Search)|NoExec|Bind|TemporaryFileSystem|Root|Secure|"
    r"RemoveIPC|Device|IPAddress|Network|Keyring|ProcSubset|Mount|SELinux|AppArmor|Smack|SocketBind|UMaskX|Personality"
)
OLD_LIMITS = ("StartLimitInterval", "StartLimitBurst")  # moved to [Unit], and understood here still
_HANDLED = re.compile(
    r"Type|Exec(?:Start|StartPre|StartPost|Condition|Stop|StopPost|Reload)|User|Group|DynamicUser|WorkingDirectory|"
    r"(?:|Pass|Unset)Environment(?:File)?|Timeout\w+|RuntimeMaxSec|Restart(?:|Sec|Steps|MaxDelaySec)|Restart(?:Prevent|Force)ExitStatus|"
    r"SuccessExitStatus|RemainAfterExit|Kill(?:Signal|Mode)|Standard(?:Input|Output|Error)|Syslog\w+|Nice|UMask|"
    r"Limit(?:NOFILE|NPROC|CPU|AS|DATA)|MemoryMax|MemoryLimit|TasksMax|Log[A-Z]\w+|SendSIGKILL|" + "|".join(OLD_LIMITS)
)


def limits(service: Unit, telling: Telling) -> dict[str, object]:
    """`nice`, `umask` and `limits`; everything else of that kind is told."""
    keys: dict[str, object] = {}
    if (setting := service.last("Service", "Nice")) and re.fullmatch(r"[+-]?\d{1,2}", setting.value):
        keys["nice"] = int(setting.value)
    if (setting := service.last("Service", "UMask")) and re.fullmatch(r"[0-7]{1,4}", setting.value):
        keys["umask"] = setting.value.lstrip("0").zfill(3)
    found: dict[str, object] = {}
    for name, key, message in (
        ("LimitAS", "memory", "memory is that of all processes together"),
        ("LimitDATA", "memory", "memory is that of all processes together"),
        ("MemoryLimit", "memory", ""),
        ("MemoryMax", "memory", ""),
        ("LimitCPU", "cpu", "cpu is that of all processes together"),
        ("LimitNOFILE", "open_files", ""),
        ("LimitNPROC", "processes", ""),
        ("TasksMax", "processes", "processes, not threads, are counted"),
    ):
        if (setting := service.last("Service", name)) is not None:
            _take(setting, key, message, found, telling)
    if found:
        keys["limits"] = found
    own = [setting for setting in service.settings if setting.section == "Service" and setting.value]
    rest = [setting for setting in own if not _HANDLED.fullmatch(setting.key)]
    rest = [setting for setting in rest if setting.value.lower() not in ("no", "false", "off", "0", "n", "f")]
    walls = [setting for setting in rest if _WALLS.match(setting.key)]
    telling.together(walls, Fate.LOST, "jobctl builds no walls around a job")
    _tell_of_others([setting for setting in rest if setting not in walls], telling)
    return keys


_INSTEAD = (  # of what has no key: which settings, and what does the same in the command or around it
    (re.compile(r"IOScheduling"), "write `ionice -c 3` (idle) or `ionice -c 2 -n 7` before the command"),
    (re.compile(r"CPUScheduling"), "write `chrt --idle 0` or `chrt --batch 0` before the command"),
    (re.compile(r"OOMScoreAdjust|OOMPolicy"), "write `choom -n 500 --` before the command"),
    (re.compile(r"(?:State|Cache|Logs|Runtime|Configuration)Directory"), "write `mkdir -p` into the command"),
    (re.compile(r"(?:Load|Set|Import)Credential"), 'write env = { NAME = { file = "/the/secret" } }'),
    (re.compile(r"CPU|IO|Memory|Slice|Delegate|Tasks|Block|Startup"), "no counterpart: it is a control group's"),
)


def _tell_of_others(settings: list[Setting], telling: Telling) -> None:
    rest = settings
    for pattern, message in _INSTEAD:
        telling.together([setting for setting in rest if pattern.match(setting.key)], Fate.LOST, message)
        rest = [setting for setting in rest if not pattern.match(setting.key)]
    telling.together(rest, Fate.LOST, "no counterpart")


def _take(setting: Setting, key: str, message: str, found: dict[str, object], telling: Telling) -> None:
    soft = setting.value.partition(":")[0]
    if soft == "infinity":
        return
    try:
        found[key] = _value(key, setting.key, soft)
    except CannotKeep as reason:
        telling.lost(setting, str(reason))
        return
    said = f"became limits.{key} = {found[key] if isinstance(found[key], int) else f'{found[key]!s}'}"
    if message:
        telling.changed(setting, f"{said}: {message}")
    else:
        telling.kept(setting, said)


def _value(key: str, name: str, text: str) -> object:
    if key == "memory":
        match = re.fullmatch(r"(\d{1,15})([KMGT]?)", text)
        if match is None:
            raise CannotKeep("no size that jobctl knows")
        return f"{int(match[1])}{_SIZES[match[2]]}"
    if key == "cpu":
        seconds = read_span(name, text)
        if not 1 <= seconds < math.inf:
            raise CannotKeep("no time that jobctl knows")
        return write_duration(math.ceil(seconds))
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        raise CannotKeep("no number that jobctl knows")
    return int(text)
