"""The commands of a `[Service]` section as the one command of a job."""

from __future__ import annotations

from collections.abc import Mapping

from jobctl.importers.exec_line import ExecLine, read_exec
from jobctl.importers.findings import CannotKeep, Fate
from jobctl.importers.telling import Telling
from jobctl.importers.unit_file import Setting, Unit

_RIGHTS = frozenset("+!")


def command(service: Unit, known: Mapping[str, str], telling: Telling) -> dict[str, object]:
    """`command`, and `alert` where failures do not count. CannotKeep: there is nothing that could be executed."""
    conditions = _lines(service, "ExecCondition", known)
    before = _lines(service, "ExecStartPre", known)
    main = _lines(service, "ExecStart", known)
    after = _lines(service, "ExecStartPost", known)
    if not main:
        raise CannotKeep(f"{service.name} has no ExecStart")
    _remark(service, [*conditions, *before, *main, *after], telling)
    if len(main) == 1 and not (conditions or before or after):
        return _single(*main[0], telling)
    kind = service.last("Service", "Type")
    if after and (kind is None or kind.value not in ("oneshot",)):
        telling.changed(after[0][0], "runs when the command has ended, not beside it")
    if conditions:
        telling.changed(conditions[0][0], "where it says no, the run has succeeded, not been skipped")
    steps = [f"{{ {line.shell_text()} || exit 0; }}" for _, line in conditions]
    steps += [_step(line) for _, line in (*before, *main, *after)]
    everything = [line for _, line in (*conditions, *before, *main, *after)]
    head = "set -f\n" if any(line.splits for line in everything) else ""
    return {"command": head + " &&\n".join(steps)}


def _single(setting: Setting, line: ExecLine, telling: Telling) -> dict[str, object]:
    keys: dict[str, object] = {"command": line.argv}
    if line.has_variables:
        keys["command"] = ("set -f; " if line.splits else "") + f"exec {line.shell_text()}"
    if line.ignores_failure:
        keys["alert"] = {"on": []}
        telling.changed(setting, "the `-` became alert = { on = [] }: a failure is seen and nobody is told")
    return keys


def _step(line: ExecLine) -> str:
    return f"{{ {line.shell_text()} || true; }}" if line.ignores_failure else line.shell_text()


def _lines(service: Unit, key: str, known: Mapping[str, str]) -> list[tuple[Setting, ExecLine]]:
    found = []
    for setting in service.all("Service", key):
        try:
            found += [(setting, line) for line in read_exec(setting.value, known)]
        except CannotKeep as reason:
            raise CannotKeep(f"{key}={setting.value}: {reason}") from None
    return found


def _remark(service: Unit, lines: list[tuple[Setting, ExecLine]], telling: Telling) -> None:
    has_user = service.last("Service", "User") is not None
    for setting, line in lines:
        if has_user and line.prefixes & _RIGHTS:
            telling.lost(setting, "runs as the user as all of the job does, without the rights that the prefix gives")
        if "@" in line.prefixes:
            telling.changed(setting, "the program sees its own path as its name")
    for key in ("ExecStop", "ExecStopPost", "ExecReload"):
        settings = service.all("Service", key)
        if key != "ExecReload":
            telling.together(settings, Fate.LOST, "write a second job with after_any = [this one]")
