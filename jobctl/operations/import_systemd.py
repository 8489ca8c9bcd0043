"""Timers of a folder of units become a jobs file."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

from jobctl.config.safety import shown
from jobctl.errors import JobctlError
from jobctl.importers.findings import Fate, Finding, Place
from jobctl.importers.specifiers import Manager
from jobctl.importers.systemd_timers import UnitFolder, read_timers
from jobctl.importers.unit_file import Fragment
from jobctl.operations.import_files import text_of
from jobctl.operations.import_report import ImportReport, report
from jobctl.presence import is_file, is_folder

_SYSTEM = Path("/etc/systemd/system")
_OF_PACKAGES = tuple(Path(folder) for folder in ("/usr/local/lib/systemd/system", "/usr/lib/systemd/system"))
_UNMERGED = Path("/lib/systemd/system")  # mostly a link to the one below /usr
_FOLDERS_OF_LINKS = ("*.wants", "*.requires")
_LINKS = ("*.wants/*.timer", "*.requires/*.timer")


def import_systemd(path: str | None, *, user: bool, now: int) -> ImportReport:
    """The jobs of the timers in a folder; without one that of the system's own units, or with `user` of the caller's.

    `now` is in milliseconds. JobctlError: there is no timer, or it cannot be read.
    """
    account = pwd.getpwuid(os.getuid())
    host = socket.gethostname()
    manager = Manager(account.pw_dir, account.pw_name, host) if user else Manager(host=host)
    folder = Path(path) if path is not None else _default(manager)
    if not is_folder(folder):
        raise JobctlError(f"there is no directory {shown(folder)}", "name the folder that holds the timers")
    findings: list[Finding] = []
    found = _read(folder, manager, findings)
    if not found.timers:
        raise JobctlError(f"there is no timer in {shown(folder)}", "name the folder that holds the timers")
    return report(read_timers(found), findings, f"from the timers in {shown(folder)}", now)


def _default(manager: Manager) -> Path:
    return Path(manager.home, ".config/systemd/user") if manager.home is not None else _SYSTEM


def _read(folder: Path, manager: Manager, findings: list[Finding]) -> UnitFolder:
    is_systems = os.path.realpath(folder) in {os.path.realpath(place) for place in (_SYSTEM, _UNMERGED, *_OF_PACKAGES)}
    places = [folder, *((_SYSTEM, *_OF_PACKAGES) if is_systems else ())]
    timers = []
    units: dict[str, list[Fragment]] = {}
    for file in sorted(folder.glob("*.timer")):
        if os.path.realpath(file) == os.devnull:
            findings.append(Finding(Place(shown(file), 0), "", Fate.KEPT, "is masked: left out"))
            continue
        timers.append(file.name)
        units[file.name] = _fragments(file, places)
    for place in places:
        for file in sorted(place.glob("*.service")):
            if file.name not in units and is_file(file):
                units[file.name] = _fragments(file, places)
    links = [link for place in places for pattern in _LINKS for link in sorted(place.glob(pattern))]
    enabled = frozenset(link.name for link in links)
    timers += _instances(enabled, units)
    for link in links:
        if link.name not in timers and not is_systems:
            message = f"is enabled and lies in {shown(Path(os.path.realpath(link)).parent)}: import that folder for it"
            findings.append(Finding(Place(shown(link), 0), "", Fate.KEPT, message))
    templates = {f"{name.partition('@')[0]}@.timer" for name in timers if "@" in name and not name.endswith("@.timer")}
    wanted = [name for name in timers if name not in templates]
    tells = any(True for place in places for pattern in _FOLDERS_OF_LINKS for _ in place.glob(pattern))
    return UnitFolder(wanted, units, manager, enabled if tells else None)


def _instances(enabled: frozenset[str], units: dict[str, list[Fragment]]) -> list[str]:
    """Timers that are enabled as instances of a template."""
    return sorted(
        name for name in enabled if name not in units and "@" in name and f"{name.partition('@')[0]}@.timer" in units
    )


def _fragments(file: Path, places: list[Path]) -> list[Fragment]:
    """The unit file and its drop-ins."""
    drop_ins = {part.name: part for place in reversed(places) for part in place.glob(f"{file.name}.d/*.conf")}
    return [Fragment(shown(part), text_of(part)) for part in (file, *(drop_ins[name] for name in sorted(drop_ins)))]
