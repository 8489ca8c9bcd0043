"""The `[Timer]` section: when the job starts."""

from __future__ import annotations

import math

from jobctl.domain.units import write_duration
from jobctl.importers.calendar_cron import When, when
from jobctl.importers.calendar_event import parse_event
from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.keys import longest_spread
from jobctl.importers.specifiers import Manager
from jobctl.importers.telling import Telling
from jobctl.importers.time_span import read_span
from jobctl.importers.unit_file import Setting, Unit

_AT_BOOT = ("OnBootSec", "OnStartupSec", "OnActiveSec")
_SOON = 60.0  # seconds after boot that make no difference worth a word
_LONGEST = 10 * 365 * 86400
_KNOWN = frozenset({
    *_AT_BOOT, "OnCalendar", "OnUnitActiveSec", "OnUnitInactiveSec", "RandomizedDelaySec", "FixedRandomDelay",
    "AccuracySec", "Persistent", "WakeSystem", "RemainAfterElapse", "Unit", "OnClockChange", "OnTimezoneChange",
})  # fmt: skip


def triggers(timer: Unit, manager: Manager, telling: Telling) -> dict[str, object]:
    """The keys that start the job. CannotKeep: none of the timer's triggers has a counterpart."""
    keys = _calendar(timer, telling)
    _intervals(timer, keys, telling)
    _boots(timer, manager, keys, telling)
    if not keys.keys() & {"schedule", "every", "every_after", "at", "on_boot", "on_start"}:
        raise CannotKeep("; ".join(message for _, _, message in telling.told) or "the timer has no trigger")
    _delays(timer, keys, telling)
    _rest(timer, telling)
    return keys


def is_on(setting: Setting | None) -> bool:
    """Whether a flag is set, in any of systemd's words."""
    return setting is not None and setting.value.lower() in ("1", "yes", "y", "true", "t", "on")


def _calendar(timer: Unit, telling: Telling) -> dict[str, object]:
    found: list[tuple[Setting, When, str | None]] = []
    for setting in timer.all("Timer", "OnCalendar"):
        try:
            event = parse_event(setting.value)
            found.append((setting, when(event), event.zone))
        except CannotKeep as reason:
            telling.lost_because(setting, reason)
    if not found:
        return {}
    first, zone = found[0][1], found[0][2]
    keys: dict[str, object] = {"timezone": zone} if zone is not None else {}
    keys["catch_up"] = "once" if is_on(timer.last("Timer", "Persistent")) else "none"
    if first.cron is None:
        keys |= {"at": first.at} if first.at is not None else {"every": f"{first.every}s"}
        for setting, _, _ in found[1:]:
            telling.lost(setting, "a job has one instant or interval, and no schedule beside it")
        telling.kept(found[0][0], f"became {'at' if first.at else 'every'}")
        return keys
    texts = []
    for setting, one, its_zone in found:
        if one.cron is None or its_zone != zone:
            telling.lost(setting, "another zone, an interval or an instant beside a schedule: write a second job")
            continue
        texts.append(one.cron)
        if one.dropped_seconds:
            telling.changed(setting, f'became "{one.cron}": cron knows no seconds, {one.dropped_seconds} s earlier')
        else:
            telling.kept(setting, f'became "{one.cron}"')
    keys["schedule"] = texts[0] if len(texts) == 1 else list(dict.fromkeys(texts))
    return keys


def _intervals(timer: Unit, keys: dict[str, object], telling: Telling) -> None:
    for name, key in (("OnUnitActiveSec", "every"), ("OnUnitInactiveSec", "every_after")):
        for setting in timer.all("Timer", name):
            seconds = _seconds(setting, telling)
            if seconds is None:
                continue
            if keys.keys() & {"schedule", "every", "every_after", "at"}:
                telling.lost(setting, "a job has one schedule or interval: write a second job")
            elif seconds < 1 or seconds != int(seconds) or seconds > _LONGEST:
                telling.lost(setting, "intervals are whole seconds, and at least one")
            else:
                keys[key] = write_duration(seconds)
                if key == "every":
                    keys["catch_up"] = "none"
                    telling.changed(setting, f'became every = "{keys[key]}": counted from the epoch, not from a start')
                else:
                    telling.kept(setting, f'became every_after = "{keys[key]}"')


def _boots(timer: Unit, manager: Manager, keys: dict[str, object], telling: Telling) -> None:
    for setting in timer.all("Timer", *_AT_BOOT):
        seconds = _seconds(setting, telling)
        if seconds is None:
            continue
        key = "on_start" if manager.is_users and setting.key == "OnStartupSec" else "on_boot"
        keys[key] = True
        if seconds > _SOON:
            telling.changed(setting, f"became {key} = true: at once when the daemon starts, without the wait")
        else:
            telling.kept(setting, f"became {key} = true")


def _seconds(setting: Setting, telling: Telling) -> float | None:
    try:
        seconds = read_span(setting.key, setting.value)
    except CannotKeep as reason:
        telling.lost_because(setting, reason)
        return None
    return None if math.isinf(seconds) else seconds


def _delays(timer: Unit, keys: dict[str, object], telling: Telling) -> None:
    setting = timer.last("Timer", "RandomizedDelaySec")
    seconds = _seconds(setting, telling) if setting is not None else None
    if setting is None or not seconds:
        return
    whole = min(math.ceil(seconds), _LONGEST)
    allowed = longest_spread(keys, whole)
    if not allowed:
        why = "every_after waits as long each time" if "every_after" in keys else "a start at boot is not put off"
        telling.lost(setting, f"only slots of a schedule are put off by chance; {why}")
        return
    keys["spread"] = write_duration(allowed)
    said = f'became spread = "{keys["spread"]}"'
    if allowed < whole:
        telling.changed(setting, f"{said}: it must be shorter than the time between two slots")
    elif is_on(fixed := timer.last("Timer", "FixedRandomDelay")) and fixed is not None:
        telling.changed(fixed, f"{said}: drawn for each slot, not once for all")
    else:
        telling.kept(setting, f"{said}: drawn for each slot, the same after a restart")


def _rest(timer: Unit, telling: Telling) -> None:
    if accuracy := timer.last("Timer", "AccuracySec"):
        telling.kept(accuracy, "is gone: jobs start within their second")
    for name, message in (
        ("WakeSystem", "jobctl does not wake the machine"),
        ("OnClockChange", "there is no such trigger"),
        ("OnTimezoneChange", "there is no such trigger"),
    ):
        setting = timer.last("Timer", name)
        if setting is not None and is_on(setting):
            telling.lost(setting, message)
    unknown = [setting for setting in timer.settings if setting.section == "Timer" and setting.key not in _KNOWN]
    telling.together(unknown, Fate.LOST, "not known here")
