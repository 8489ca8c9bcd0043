"""`jobctl import`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable
from jobctl.cli.render.words import counted
from jobctl.errors import UsageError
from jobctl.importers.findings import Fate, Finding
from jobctl.operations.import_crontab import import_crontab
from jobctl.operations.import_report import ImportReport
from jobctl.operations.import_systemd import import_systemd

_MEANINGS = {Fate.KEPT: Meaning.FAINT, Fate.CHANGED: Meaning.DOUBTFUL, Fate.LOST: Meaning.BAD}

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="crontab [FILE] | systemd [DIR]",
        help="crontab: a file, `-` for standard input, without FILE your own (`crontab -l`). systemd: the timers of a "
        "folder with their services, without DIR those in /etc/systemd/system.",
    ),
]


def command(
    ctx: typer.Context,
    words: Words,
    system: Annotated[
        bool, typer.Option("--system", help="Lines name users; without FILE /etc/crontab and /etc/cron.d.")
    ] = False,
    user: Annotated[
        bool, typer.Option("--user", help="Units of your own manager; without DIR ~/.config/systemd/user.")
    ] = False,
) -> int:
    """Turn a crontab, or timers of systemd, into a jobs file on stdout.

    What was recognised and everything whose meaning changes is told on stderr, with its line. Exit status 1: something
    could not be kept; the rest is printed all the same.
    """
    call = invocation(ctx)
    what, *rest = words
    if len(rest) > 1:
        raise UsageError(f"`import {what}` takes one place", "import one after the other")
    found = _imported(what, rest[0] if rest else None, system=system, user=user, now=call.clock.now())
    _print(call, found)
    return ExitStatus.FAILED if found.count(Fate.LOST) else ExitStatus.DONE


def _imported(what: str, place: str | None, *, system: bool, user: bool, now: int) -> ImportReport:
    if what == "crontab":
        if user:
            raise UsageError("--user is for `import systemd`", "your own crontab is what `import crontab` reads")
        return import_crontab(place, system=system, now=now)
    if what == "systemd":
        if system:
            raise UsageError("--system is for `import crontab`", "`import systemd` reads the system's units anyway")
        return import_systemd(place, user=user, now=now)
    raise UsageError(f"`import {what}` is not known", "write `jobctl import crontab` or `jobctl import systemd`")


def _print(call: Invocation, found: ImportReport) -> None:
    if call.json:
        call.console.print(dumps(_document(found)))
        return
    call.console.print(found.text, end="")
    for finding in found.findings:
        _tell(call, finding)
    changed, lost = found.count(Fate.CHANGED), found.count(Fate.LOST)
    told = [f"{counted(changed, 'thing')} changed"] if changed else []
    told += [f"{counted(lost, 'thing')} could not be kept"] if lost else []
    said = ", ".join([counted(len(found.drafts), "job"), *told])
    after = "; next: save it, `jobctl check FILE`, `jobctl next -c FILE`" if found.drafts else ""
    call.console.note(said + after)


def _tell(call: Invocation, finding: Finding) -> None:
    console = call.console
    job = f"{finding.job}: " if finding.job else ""
    line = f"{finding.place}: {console.err_style(finding.fate.value, _MEANINGS[finding.fate])}: "
    tell = console.complain if finding.fate is Fate.LOST else console.note
    tell(line + printable(job + finding.message))


def _document(found: ImportReport) -> dict[str, object]:
    return {
        "jobs": [
            {
                "name": draft.name,
                "file": draft.place.file,
                "line": draft.place.line or None,
                "definition": {key: _plain(value) for key, value in draft.keys.items()},
            }
            for draft in found.drafts
        ],
        "findings": [
            {
                "file": finding.place.file,
                "line": finding.place.line or None,
                "job": finding.job or None,
                "fate": finding.fate.value,
                "message": finding.message,
            }
            for finding in found.findings
        ],
        "toml": found.text,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
