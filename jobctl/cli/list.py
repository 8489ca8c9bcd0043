"""`jobctl list`."""

from __future__ import annotations

import typer

from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps, job_document, last_run_document
from jobctl.operations.selection import select_jobs


def command(ctx: typer.Context, jobs: JobPatterns = None, group: Group = None, tag: Tag = None) -> None:
    """Jobs with their schedule, next and last run."""
    call = invocation(ctx)
    rows = call.context.store.jobs.rows(select_jobs(call.context, jobs, group, tag))
    if call.json:
        call.console.print(dumps([job_document(row, last_run_document(row)) for row in rows]))
        return
    for row in rows:
        call.console.print(row.name)
