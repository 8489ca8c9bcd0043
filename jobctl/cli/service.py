"""`jobctl service`."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.config.places import find_places, named_state_dir
from jobctl.config.safety import shown
from jobctl.errors import JobsFileError, UsageError
from jobctl.operations.service_files import (
    Outcome,
    Unit,
    find_unit,
    install,
    lingers,
    manual,
    program,
    systemd_version,
    uninstall,
)
from jobctl.operations.service_unit import UnitSettings
from jobctl.presence import is_there


class Act(Enum):
    """What is done with the unit."""

    INSTALL = "install"
    UNINSTALL = "uninstall"
    SHOW = "show"


def command(
    ctx: typer.Context,
    act: Annotated[Act, typer.Argument(metavar="install|uninstall|show", help="What to do with the unit.")],
    user: Annotated[bool, typer.Option("--user", help="A daemon of your own, not the machine's.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also without a jobs file, or over a changed unit.")] = False,
    now: Annotated[bool, typer.Option("--now", help="install: start the daemon too.")] = False,
) -> int:
    """The systemd unit of the daemon: show it and what differs, install and enable it, or stop and remove it.

    The unit calls this very installation with the jobs file and the state directory that this call finds. A unit that
    a person has changed is left alone. Running jobs survive all of it.
    """
    if now and act is not Act.INSTALL:
        raise UsageError("--now belongs to `service install`", "`service uninstall` always stops the daemon")
    call = invocation(ctx)
    settings = _settings(call, user=user)
    unit = find_unit(settings)
    if act is Act.SHOW:
        return _show(call, unit)
    if act is Act.UNINSTALL:
        return _tell(call, uninstall(unit, force=force), "removed", f"there is no {shown(unit.path)}")
    if not force:
        _require_jobs_file(settings)
    _warn(call, settings)
    return _tell(call, install(unit, force=force, start=now), "written", f"{shown(unit.path)} is current")


def _settings(call: Invocation, *, user: bool) -> UnitSettings:
    places = find_places(call.config, call.state_dir)
    state_dir = named_state_dir(places, call.state_dir)
    return UnitSettings(program(), places.jobs_file, state_dir, user, systemd_version(), manual())


def _show(call: Invocation, unit: Unit) -> int:
    if call.json:
        call.console.print(dumps(_document(unit)))
        return ExitStatus.DONE
    call.console.print(unit.text, end="")
    if unit.installed is None:
        how = "service install --user" if unit.for_user else "service install"
        call.console.note(f"not installed; `jobctl {how}` writes {shown(unit.path)}")
    elif unit.is_current:
        call.console.note(f"installed as {shown(unit.path)}")
    else:
        why = "changed by hand" if unit.is_edited else "of an earlier call"
        call.console.note(f"{shown(unit.path)} is {why} and differs:\n{unit.diff.rstrip()}")
    return ExitStatus.DONE


def _tell(call: Invocation, outcome: Outcome, verb: str, otherwise: str) -> int:
    if call.json:
        more = {"changed": outcome.changed, "done": list(outcome.done), "commands": list(outcome.commands)}
        call.console.print(dumps({**_document(outcome.unit), **more}))
        return ExitStatus.DONE
    call.console.print(f"{shown(outcome.unit.path)} {verb}" if outcome.changed else otherwise)
    for done in outcome.done:
        call.console.print(f"done: {done}")
    if outcome.commands:
        call.console.note("systemd could not be asked here; still to be done where it runs:")
        for left in outcome.commands:
            call.console.note(f"  {left}")
    if outcome.unit.for_user and verb == "written" and not lingers():
        call.console.note("to let it live without a login: loginctl enable-linger")
    return ExitStatus.DONE


def _document(unit: Unit) -> dict[str, object]:
    return {
        "path": str(unit.path),
        "text": unit.text,
        "installed": unit.installed is not None,
        "current": unit.is_current,
        "edited": unit.is_edited,
        "diff": unit.diff or None,
    }


def _require_jobs_file(settings: UnitSettings) -> None:
    path = shown(settings.jobs_file)
    if not is_there(settings.jobs_file):
        hint = f"`jobctl init {path}` writes one; --force installs the unit all the same"
        raise JobsFileError(f"there is no jobs file {path}: the daemon cannot start", hint)


def _warn(call: Invocation, settings: UnitSettings) -> None:
    """What would make somebody else root, or is perhaps not what was meant."""
    if settings.for_user:
        return
    executable = Path(settings.program[0])
    for place in (executable, *executable.parents):
        status = place.stat()
        if status.st_uid != 0 or (status.st_mode & 0o022 and not status.st_mode & 0o1000):
            words = f"others than root can change {place}: they could have root execute what they like"
            call.console.note(f"{words}; install jobctl where only root can write, such as /opt/jobctl")
            break
    if os.geteuid() != 0:
        call.console.note("this is the unit of the machine; --user means a daemon of your own")
