"""Timers of systemd with their services become drafts of jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobctl.importers.findings import CannotKeep, Fate, Finding, Imported, JobDraft, LeftOut, Place, is_plain
from jobctl.importers.keys import in_order
from jobctl.importers.naming import slug, unique
from jobctl.importers.service_unit import execution
from jobctl.importers.specifiers import Manager, expand, known_specifiers, names_host
from jobctl.importers.telling import Telling
from jobctl.importers.timer_unit import triggers
from jobctl.importers.unit_conditions import guarded
from jobctl.importers.unit_file import Fragment, Unit, read_unit


@dataclass(frozen=True, slots=True)
class UnitFolder:
    """What was found on the disk: the timers to import, and the files of all units by name.

    `enabled` are timers that something starts; None where the folder has no links, which says nothing of any timer.
    """

    timers: Sequence[str]
    units: Mapping[str, Sequence[Fragment]]
    manager: Manager
    enabled: frozenset[str] | None = None

    def unit(self, name: str) -> Unit | None:
        """The unit of that name, also as an instance of its template."""
        stem, _, suffix = name.rpartition(".")
        template = f"{stem.partition('@')[0]}@.{suffix}" if "@" in stem else name
        fragments = self.units.get(name) or self.units.get(template)
        return read_unit(name, fragments) if fragments else None


def read_timers(folder: UnitFolder) -> Imported:
    """A job for each timer whose service is there; the rest is told."""
    drafts: list[tuple[str, dict[str, object], Place, Telling]] = []
    left_out: list[LeftOut] = []
    for name in folder.timers:
        timer = folder.unit(name)
        if timer is None:
            continue
        telling = Telling()
        try:
            keys = _job(timer, folder, telling)
        except CannotKeep as reason:
            left_out.append(LeftOut(timer.place, name, str(reason)))
        else:
            drafts.append((name, keys, timer.place, telling))
    names = unique([[slug(name.rpartition(".")[0]) or "job"] for name, *_ in drafts])
    made = [JobDraft(name, keys, place) for name, (_, keys, place, _) in zip(names, drafts, strict=True)]
    findings = [Finding(piece.place, "", Fate.LOST, piece.reason) for piece in left_out]
    for name, (_, _, _, telling) in zip(names, drafts, strict=True):
        findings += telling.findings(name)
    return Imported(tuple(made), tuple(findings), tuple(left_out))


def _job(timer: Unit, folder: UnitFolder, telling: Telling) -> dict[str, object]:
    stem = timer.name.rpartition(".")[0]
    if stem.endswith("@"):
        raise CannotKeep(f"{timer.name} is a template: nothing says for which instances; write a job for each")
    keys = triggers(timer, folder.manager, telling)
    named = timer.last("Timer", "Unit")
    service_name = expand(named.value, known_specifiers(timer.name, folder.manager)) if named else f"{stem}.service"
    if not service_name.endswith(".service"):
        raise CannotKeep(f"{service_name} is no service")
    service = folder.unit(service_name)
    if service is None:
        raise CannotKeep(f"there is no {service_name} beside {timer.name}")
    _refuse_odd_bytes(timer, service)
    for setting in (*timer.settings, *service.settings):
        if folder.manager.host and names_host(setting.value):
            telling.kept(setting, f"has the name of this machine now: {folder.manager.host}")
    user = service.last("Service", "User")
    known = known_specifiers(service.name, folder.manager)
    if user is not None and user.value not in ("root", "0"):
        known = {letter: value for letter, value in known.items() if letter not in "hu"} | {"u": user.value}
    keys |= execution(service, folder.manager, known, telling)
    keys["command"] = guarded(keys["command"], (timer, service), known, telling)
    described = service.last("Unit", "Description") or timer.last("Unit", "Description")
    if described is not None:
        keys["description"] = _described(described.value, known)
    keys |= _whether_enabled(timer, folder.enabled, telling)
    return in_order(keys)


def _whether_enabled(timer: Unit, enabled: frozenset[str] | None, telling: Telling) -> dict[str, object]:
    if enabled is not None and timer.name not in enabled:
        telling.told.append((timer.place, Fate.KEPT, "nothing starts the timer: enabled = false"))
        return {"enabled": False}
    if enabled is None and not any(setting.section == "Install" for setting in timer.settings):
        message = "has no [Install], and no link here tells whether something starts it: enabled here"
        telling.told.append((timer.place, Fate.KEPT, message))
    return {}


def _refuse_odd_bytes(*units: Unit) -> None:
    for unit in units:
        for setting in unit.settings:
            if not is_plain(setting.value):
                raise CannotKeep(f"{setting.place}: {setting.key} holds bytes that are not UTF-8, or NUL")


def _described(text: str, known: Mapping[str, str]) -> str:
    try:
        return expand(text, known)
    except CannotKeep:
        return text
