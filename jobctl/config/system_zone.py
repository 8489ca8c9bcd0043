"""The zone of the machine: what schedules without a zone of their own follow."""

from __future__ import annotations

import os
import zoneinfo
from pathlib import Path

_LOCALTIME = Path("/etc/localtime")


def system_zone() -> str:
    """The name of the machine's zone: `$TZ`, else what /etc/localtime points to, else `UTC`."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and is_zone(named):
        return named
    try:
        _, found, name = str(_LOCALTIME.resolve()).partition("/zoneinfo/")
    except OSError:
        return "UTC"
    name = name.removeprefix("posix/").removeprefix("right/")
    return name if found and is_zone(name) else "UTC"


def is_zone(name: str) -> bool:
    """Whether the zone database of this machine knows `name`."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError):  # OSError: a folder of the database, such as "Europe"
        return False
    except zoneinfo.ZoneInfoNotFoundError:  # a KeyError
        return False
    return True


def zone_names() -> set[str]:
    """All zones that this machine knows, for suggestions."""
    return zoneinfo.available_timezones()
