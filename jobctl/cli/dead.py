"""`jobctl dead`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.documents import documents
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.runs import run_columns
from jobctl.operations.dead_letters import dead_letters
from jobctl.operations.freshness import refresh_runs
from jobctl.operations.history import jobs_of_history


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, metavar="N", help="At most so many.")] = 1000,
) -> None:
    """Dead letters: runs that failed, timed out or were lost with no attempt left, newest first.

    `jobctl retry --dead` gives them another chance, `jobctl dismiss RUN` takes one off the list. A slot of a schedule
    goes by itself when a later one succeeds.
    """
    call = invocation(ctx)
    selects = bool(jobs or group is not None or tag is not None)
    call.console.notes(refresh_runs(call.context, with_jobs=selects))
    names = jobs_of_history(call.context, jobs, group, tag)
    runs = dead_letters(call.context, names, limit)
    if call.json:
        call.console.print(dumps(documents(call, runs)))
    elif runs:
        call.console.table(run_columns(runs, call.context.clock.now()))
    else:
        call.console.note("there are no dead letters")
