"""`jobctl list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps, job_document, last_run_document
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import counted, meaning_of, relative, status_words, took
from jobctl.operations.freshness import refresh
from jobctl.operations.jobs import job_rows
from jobctl.store.records import JobRow


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="Those that fail first, the longest failing on top.")
    ] = False,
) -> None:
    """Jobs with their schedule, next and last run."""
    call = invocation(ctx)
    notes = refresh(call.context)
    rows = job_rows(call.context, jobs, group, tag, failing_first=failing)
    if call.json:
        call.console.print(dumps([job_document(row, last_run_document(row)) for row in rows]))
    else:
        call.console.table(_columns(rows, call.context.clock.now()))
        if not rows:
            call.console.note("The jobs file defines no job yet; `jobctl init` writes one to start from.")
        off = sum(not row.enabled for row in rows)
        if off:
            call.console.note(f"{counted(off, 'job')} disabled; `jobctl show JOB` says why")
    call.console.notes(notes)


def _columns(rows: Sequence[JobRow], now: int) -> list[Column]:
    active = [_activity(row) for row in rows]
    return [
        Column("JOB", [row.name for row in rows], [_name_meaning(row) for row in rows], least=16),
        Column("SCHEDULE", [row.schedule for row in rows], rank=3, least=11, cut_rank=6),
        Column("NEXT", [_next(row, now) for row in rows]),
        Column("NOW", active, [Meaning.BUSY] * len(rows), rank=2),
        Column("LAST", [relative(at, now) if (at := _last_at(row)) else "" for row in rows], rank=1),
        Column(
            "RESULT",
            [status_words(row.last_status) if row.last_status else "" for row in rows],
            [meaning_of(row.last_status) if row.last_status else Meaning.PLAIN for row in rows],
        ),
        Column("TOOK", [took(row.last_started_at, row.last_finished_at) for row in rows], right=True, rank=4),
        Column(
            "STREAK",
            [f"{row.streak:+d}" if row.streak else "" for row in rows],
            [Meaning.BAD if row.streak < 0 else Meaning.FAINT for row in rows],
            right=True,
            rank=5,
        ),
        Column("GROUP", [row.group for row in rows], rank=7, least=5),
        Column("DESCRIPTION", [row.description for row in rows], rank=8, least=16),
    ]


def _next(row: JobRow, now: int) -> str:
    if not row.enabled:
        return "disabled"
    if row.next_at is None:
        return ""
    words = relative(row.next_at, now)
    return f"due {words}" if words.endswith(" ago") else words


def _last_at(row: JobRow) -> int | None:
    return row.last_finished_at or row.last_started_at


def _activity(row: JobRow) -> str:
    if not row.running and not row.queued:
        return ""
    parts = [f"{row.running} running" if row.running else "", f"{row.queued} queued" if row.queued else ""]
    return ", ".join(part for part in parts if part)


def _name_meaning(row: JobRow) -> Meaning:
    return Meaning.STRONG if row.enabled else Meaning.FAINT
