"""`jobctl doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import wrapped
from jobctl.domain.tally import Span
from jobctl.operations.doctor import Finding, Level, examine
from jobctl.store.records import Ends

_BESIDE = 27  # columns of the level and what was looked at
_MEANINGS = {Level.GOOD: Meaning.GOOD, Level.DOUBTFUL: Meaning.DOUBTFUL, Level.BAD: Meaning.BAD}
_DAYS = 7


def command(
    ctx: typer.Context,
    pressure: Annotated[
        bool,
        typer.Option("--pressure", help="Instead: a map of how many jobs the clock starts in each hour of a week."),
    ] = False,
) -> int:
    """What is wrong with this installation, and what to do about it. Exit status 1: something keeps it from working.

    It looks at Python and its libraries, SQLite, zone data, the clock, the disk, the jobs file, the daemon, the whole
    database, permissions, keepers left over, jobs that never succeeded, and schedules that start together.
    """
    call = invocation(ctx)
    call.missing_file_serves = call.broken_file_serves = not pressure  # a finding
    if pressure:
        return _show_pressure(call)
    findings = []
    for finding in examine(call.context):
        findings.append(finding)
        if not call.json:
            _show(call, finding)
    if call.json:
        call.console.print(dumps([_document(finding) for finding in findings]))
    return ExitStatus.FAILED if any(finding.level is Level.BAD for finding in findings) else ExitStatus.DONE


def _show(call: Invocation, finding: Finding) -> None:
    room = call.console.width - _BESIDE
    word = call.console.style(f"{finding.level.value:<8}", _MEANINGS[finding.level])
    first, *others = wrapped(call.console.writable(finding.message), room)
    call.console.print(f"{word}  {finding.check:<15}  {first}")
    for line in others:
        call.console.print(" " * _BESIDE + line)
    for line in wrapped(call.console.writable(finding.advice), room) if finding.advice else ():
        call.console.print(" " * _BESIDE + call.console.style(line, Meaning.FAINT))


def _document(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "level": finding.level.value,
        "message": finding.message,
        "advice": finding.advice or None,
    }


def _show_pressure(call: Invocation) -> int:
    from jobctl.cli.render.heat_map import heat_map  # with the schedules, only for the map
    from jobctl.operations.definitions import load_configuration
    from jobctl.operations.pressure import pressure

    now = call.context.clock.now()
    found = pressure(load_configuration(call.context), now, _DAYS)
    if call.json:
        hours = [{"at": instant(1000 * at), "starts": count} for at, count in sorted(found.hours.items())]
        call.console.print(dumps(hours))
        return ExitStatus.DONE
    starts = [Ends(1000 * at, count, 0) for at, count in found.hours.items()]
    last_day = now + _DAYS * int(Span.DAY)
    for line in heat_map(starts, last_day, _DAYS + 1, call.console.style, plain=call.console.is_plain):
        call.console.print(line)
    if found.constant:
        named = ", ".join(found.constant[:5]) + (", …" if len(found.constant) > 5 else "")
        call.console.note(f"left out, as they start more than once a minute: {named}")
    return ExitStatus.DONE
