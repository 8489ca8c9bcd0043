"""`jobctl next`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from jobctl.cli.moments import future
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column, name_column
from jobctl.cli.render.words import held_notes, relative
from jobctl.cli.render.zoned import local_iso, local_time
from jobctl.domain.run_id import to_text
from jobctl.errors import JobctlError, UsageError
from jobctl.operations.freshness import refresh
from jobctl.operations.idle_wait import held_runs
from jobctl.operations.selection import select_rows
from jobctl.operations.starts import Start
from jobctl.operations.upcoming import upcoming

_COUNT = 10
_MOST = 10_000


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    count: Annotated[
        int | None,
        typer.Option("-n", min=1, max=_MOST, metavar="N", help=f"At most so many; {_COUNT} unless --until is given."),
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From then on; without it from now.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before this time.")] = None,
) -> None:
    """What starts when: the slots of schedules, and runs that wait for their time.

    TIME is such as "2026-12-24 18:00", tomorrow, "monday 09:00" or 2h. Exit status 1: the schedule of a job cannot be
    followed; the others are shown.
    """
    call = invocation(ctx)
    notes = refresh(call.context)
    now = call.context.clock.now()
    start, end = future("--from", begin, now), future("--until", until, now)
    if end is not None and end <= (start if start is not None else now):
        raise UsageError("--until lies before the beginning", "give a later time")
    rows = select_rows(call.context, jobs, group, tag)
    limit = count or (_COUNT if end is None else _MOST)
    found, problems = upcoming(call.context, rows, start, end, limit, all_jobs=not (jobs or group or tag))
    chained = [row for row in rows if jobs and row.schedule.startswith("after")]  # and nothing before it
    if call.json:
        call.console.print(dumps([_document(one) for one in found]))
    elif found:
        call.console.table(_columns(found, now))
    elif not (chained or problems):
        call.console.note("Nothing starts by itself in this time; `jobctl list` shows schedules and what is disabled.")
    for row in chained:
        call.console.note(f"{row.name} starts by no clock: {row.schedule}")
    call.console.notes(held_notes(call.context.store.switches.pauses(now)))
    if held := len(held_runs(call.context, [row.name for row in rows])):
        waits = "1 run waits" if held == 1 else f"{held:,} runs wait"
        call.console.note(f"{waits} for an idle machine (`jobctl history --status queued` says why)")
    call.console.notes(notes)
    if problems:
        raise JobctlError("\n".join(one.message for one in problems), problems[0].hint)


def _columns(found: Sequence[Start], now: int) -> list[Column]:
    return [
        Column("LOCAL", [local_time(one.at, one.zone) for one in found]),
        Column("UTC", [instant(one.at - one.at % 1000) or "" for one in found], rank=1),
        Column("IN", [relative(one.at, now) for one in found], [Meaning.FAINT] * len(found), rank=2),
        name_column("JOB", [one.job for one in found], least=12),
        Column("WHY", [one.reason for one in found], rank=3, least=9),
    ]


def _document(one: Start) -> dict[str, object]:
    return {
        "at": instant(one.at),
        "job": one.job,
        "local": local_iso(one.at, one.zone),
        "reason": one.reason,
        "run_id": to_text(one.run_id) if one.run_id is not None else None,
    }
