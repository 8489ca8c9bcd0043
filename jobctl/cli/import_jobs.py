"""`jobctl import`."""

from __future__ import annotations

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

_MEANINGS = {Fate.KEPT: Meaning.FAINT, Fate.CHANGED: Meaning.DOUBTFUL, Fate.LOST: Meaning.BAD}

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="crontab [FILE]",
        help="A crontab; `-` is standard input, without FILE your own (`crontab -l`).",
    ),
]


def command(
    ctx: typer.Context,
    words: Words,
    system: Annotated[
        bool,
        typer.Option("--system", help="Lines name users; without FILE /etc/crontab and /etc/cron.d."),
    ] = False,
) -> int:
    """Turn a crontab into a jobs file, on stdout. What was recognised and every line whose meaning changes is told on
    stderr; exit status 1 when something could not be kept.
    """
    call = invocation(ctx)
    what, *rest = words
    if what != "crontab":
        raise UsageError(f"`import {what}` is not known", "write `jobctl import crontab`")
    if len(rest) > 1:
        raise UsageError(f"`import {what}` takes one place", "import one after the other")
    found = import_crontab(rest[0] if rest else None, system=system, now=call.clock.now())
    _print(call, found)
    return ExitStatus.FAILED if found.count(Fate.LOST) else ExitStatus.DONE


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
    call.console.note(f"{said}; next: save it, `jobctl check FILE`, `jobctl next -c FILE`")


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
                "definition": dict(draft.keys),
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
