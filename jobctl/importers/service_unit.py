"""The `[Service]` and `[Unit]` sections: how the command runs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from jobctl.domain.units import write_duration
from jobctl.importers import service_limits
from jobctl.importers.environment_lines import environment
from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.service_command import command
from jobctl.importers.specifiers import Manager, expand
from jobctl.importers.telling import Telling
from jobctl.importers.time_span import read_span
from jobctl.importers.timer_unit import is_on
from jobctl.importers.unit_file import Setting, Unit

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what the system's manager gives to all
_OWN_TYPES = ("simple", "exec", "oneshot", "idle", "notify", "notify-reload")
_LONGEST_WAIT = 86400.0  # seconds
_RESTARTS_AT_MOST = 10  # where systemd would try for ever
_EXIT_NAMES = (  # of sysexits.h, from 64 on
    "USAGE", "DATAERR", "NOINPUT", "NOUSER", "NOHOST", "UNAVAILABLE", "SOFTWARE", "OSERR", "OSFILE", "CANTCREAT",
    "IOERR", "TEMPFAIL", "PROTOCOL", "NOPERM", "CONFIG",
)  # fmt: skip
_QUIET = ("journal", "inherit", "null", "syslog", "kmsg", "journal+console", "tty")


def execution(service: Unit, manager: Manager, known: Mapping[str, str], telling: Telling) -> dict[str, object]:
    """The keys of a job that runs what the service runs. CannotKeep: it would be another command, user or place."""
    keys = command(service, known, telling)
    keys |= _who_and_where(service, manager, known, telling)
    keys |= environment(service, known, telling)
    env = keys.get("env")
    if "user" in keys and isinstance(env, dict):
        keys["env"] = {"PATH": SYSTEM_PATH, **env}
    elif "user" in keys:
        keys["env"] = {"PATH": SYSTEM_PATH}
    keys |= _times(service, telling)
    keys |= _restarts(service, telling)
    keys |= service_limits.limits(service, telling)
    _kind(service, telling)
    _output(service, telling)
    _surroundings(service, telling)
    return keys


def _who_and_where(service: Unit, manager: Manager, known: Mapping[str, str], telling: Telling) -> dict[str, object]:
    keys: dict[str, object] = {}
    for name, key in (("User", "user"), ("Group", "group_name")):
        if setting := service.last("Service", name):
            keys[key] = expand(setting.value, known)
    dynamic = service.last("Service", "DynamicUser")
    if dynamic is not None and is_on(dynamic):
        if "user" not in keys:
            raise CannotKeep("DynamicUser=yes: jobctl makes no users; write User= or user = …")
        telling.lost(dynamic, f"jobctl makes no users: make {keys['user']} with `useradd --system {keys['user']}`")
    folder = service.last("Service", "WorkingDirectory")
    if folder is None and not manager.is_users:
        keys["cwd"] = "/"  # the system's manager starts everything there
    elif folder is not None and folder.value.lstrip("-") != "~":
        keys["cwd"] = expand(folder.value.lstrip("-"), known)
        if folder.value.startswith("-"):
            telling.changed(folder, "the job fails where the directory is missing")
    return keys


def _times(service: Unit, telling: Telling) -> dict[str, object]:
    """A oneshot is starting for as long as it runs, so its start has the timeout; the others' running time has."""
    keys: dict[str, object] = {}
    is_oneshot = _type(service) == "oneshot"
    limit = service.last("Service", *(("TimeoutStartSec", "TimeoutSec") if is_oneshot else ("RuntimeMaxSec",)))
    stop = service.last("Service", "TimeoutStopSec", "TimeoutSec")
    for setting, key in ((limit, "timeout"), (stop, "grace")):
        if setting is None:
            continue
        try:
            seconds = read_span(setting.key, setting.value)
        except CannotKeep as reason:
            telling.lost_because(setting, reason)
            continue
        if 0 < seconds < math.inf:
            keys[key] = write_duration(seconds)
            telling.kept(setting, f'became {key} = "{keys[key]}"')
    if is_oneshot and (setting := service.last("Service", "RuntimeMaxSec")):
        telling.kept(setting, "is gone: it does nothing for a oneshot service")
    return keys


def _restarts(service: Unit, telling: Telling) -> dict[str, object]:
    keys = _exit_codes(service, telling)
    setting = service.last("Service", "Restart")
    if setting is None or setting.value == "no":
        return keys
    if setting.value != "on-failure":
        telling.lost(setting, "a run is tried again when it fails, and never after a success: retries = 3, say")
        return keys
    shortest = min(_span(service, "RestartSec", 0.1, telling), _LONGEST_WAIT)
    most = _span(service, "RestartMaxDelaySec", math.inf, telling)
    longest = min(most, _LONGEST_WAIT)
    steps = _whole(service.last("Service", "RestartSteps"), 0)
    grows = 0 < shortest < longest and most < math.inf and steps > 0  # for systemd, too, nothing grows out of 0
    burst = _whole(_start_limit(service, "StartLimitBurst"), 5)
    interval = _start_limit(service, "StartLimitIntervalSec", "StartLimitInterval")
    within = read_span(interval.key, interval.value) if interval is not None else 10.0
    limited = burst > 0 and (longest if grows else shortest) * burst < within
    keys |= {
        "retries": burst - 1 if limited else _RESTARTS_AT_MOST,
        "retry_delay": write_duration(shortest),
        "retry_backoff": "exponential" if grows else "fixed",
    }
    said = f'became retries = {keys["retries"]}, retry_delay = "{keys["retry_delay"]}"'
    if grows:
        keys["retry_max_delay"] = write_duration(longest)
        said += f', doubled up to retry_max_delay = "{keys["retry_max_delay"]}"'
    if limited:
        telling.kept(setting, said)
    else:
        telling.changed(setting, f"{said}, where systemd would try for ever")
    return keys


def _span(service: Unit, key: str, default: float, telling: Telling) -> float:
    """So many seconds; the default also where what stands there cannot be kept, which is told."""
    setting = service.last("Service", key)
    if setting is None:
        return default
    try:
        return read_span(setting.key, setting.value)
    except CannotKeep as reason:
        telling.lost_because(setting, reason)
        return default


def _start_limit(service: Unit, *keys: str) -> Setting | None:
    """The one that counts: it stands in [Unit], and under its old name still where it stood before systemd 230."""
    sections = {key: ("Unit", "Service") if key in service_limits.OLD_LIMITS else ("Unit",) for key in keys}
    found = [setting for setting in service.settings if setting.section in sections.get(setting.key, ())]
    return found[-1] if found and found[-1].value else None


def _whole(setting: Setting | None, default: int) -> int:
    return int(setting.value[:6]) if setting is not None and setting.value.isdecimal() else default


def _exit_codes(service: Unit, telling: Telling) -> dict[str, object]:
    keys: dict[str, object] = {}
    for name, key, always in (
        ("SuccessExitStatus", "success_on", [0]),
        ("RestartPreventExitStatus", "retry_never_on", []),
    ):
        codes = list(always)
        for setting in service.all("Service", name):
            for word in setting.value.split():
                if word.isdecimal() and int(word[:4]) < 256:
                    codes.append(int(word))
                elif word in _EXIT_NAMES:
                    codes.append(64 + _EXIT_NAMES.index(word))
                else:
                    telling.lost(setting, f"{word} is no exit code: signals are not known here")
        if codes != always:
            keys[key] = sorted(set(codes))
    if forced := service.last("Service", "RestartForceExitStatus"):
        telling.lost(forced, "every failure is tried again that is not in retry_never_on")
    return keys


def _type(service: Unit) -> str:
    setting = service.last("Service", "Type")
    return setting.value if setting is not None else "simple"


def _kind(service: Unit, telling: Telling) -> None:
    setting = service.last("Service", "Type")
    if setting is not None and setting.value not in _OWN_TYPES:
        telling.changed(setting, "the run is over when the command has returned, whatever it left running")
    stays = service.last("Service", "RemainAfterExit")
    if stays is not None and is_on(stays):
        telling.changed(stays, "systemd starts the service once only; the job runs at each slot")
    ending = service.last("Service", "KillSignal")
    if ending is not None and ending.value not in ("SIGTERM", "TERM", "15"):
        telling.lost(ending, "a job is stopped with SIGTERM, then SIGKILL")
    mode = service.last("Service", "KillMode")
    if mode is not None and mode.value not in ("control-group", "mixed"):
        telling.changed(mode, "the whole process tree is stopped")


def _output(service: Unit, telling: Telling) -> None:
    for name in ("StandardOutput", "StandardError"):
        setting = service.last("Service", name)
        if setting is None:
            continue
        if setting.value in _QUIET:
            telling.kept(setting, "is gone: the output is kept with the run, `jobctl logs` shows it")
        else:
            telling.lost(setting, "the output is kept with the run; write `… >> FILE` in the command")
    given = service.last("Service", "StandardInput")
    if given is not None and given.value != "null":
        telling.lost(given, "a job reads /dev/null")


_ORDERING = (
    "After",
    "Wants",
    "Requires",
    "Requisite",
    "BindsTo",
    "PartOf",
    "Conflicts",
    "Upholds",
    "RequiresMountsFor",
)


def _surroundings(service: Unit, telling: Telling) -> None:
    """What other units have to do with it."""
    unit = [setting for setting in service.settings if setting.section == "Unit" and setting.value]
    ordering = [setting for setting in unit if setting.key in _ORDERING]
    telling.together(ordering, Fate.CHANGED, "jobs know no other units; retries help where something is not there yet")
    told = [setting for setting in unit if setting.key == "OnFailure"]
    telling.together(told, Fate.LOST, "write a job with after_failure = [this one], or let an alert tell")
    followed = [setting for setting in unit if setting.key == "OnSuccess"]
    telling.together(followed, Fate.LOST, "write a job with after = [this one]")
