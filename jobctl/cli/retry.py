"""`jobctl retry`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.history import read_statuses
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import past
from jobctl.cli.named_runs import RunIds, named_runs, show_changed
from jobctl.cli.options import invocation
from jobctl.domain.run import Run
from jobctl.errors import UsageError
from jobctl.operations.dead_letters import Selection, refuse_what_cannot_be_retried, retry, selected
from jobctl.operations.history import jobs_of_history


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead letters.")] = False,
    job: Annotated[
        list[str] | None, typer.Option("--job", metavar="JOB", help="The dead letters of a job; globs work.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only those made at this time or later.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(metavar="STATUS", help="Instead of dead letters all that ended so.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> None:
    """Queue ended runs again: the same run, payload and id, with a fresh retry budget; its old attempts stay."""
    call = invocation(ctx)
    chosen = _chosen(call, runs, dead, job, since, status)
    refuse_what_cannot_be_retried(chosen)
    if dry_run:
        show_changed(call, chosen, "would be queued again", "nothing would be retried")
        return
    show_changed(call, retry(call.context, chosen), "waits for its next attempt", "there is nothing to retry")
    if call.context.daemon_pid is None:
        call.console.note("no daemon is running: they start when one does (`jobctl daemon`)")


def _chosen(
    call: Invocation,
    runs: list[str] | None,
    dead: bool,
    job: list[str] | None,
    since: str | None,
    status: list[str] | None,
) -> list[Run]:
    selecting = dead or bool(job or since or status)
    if bool(runs) == selecting:
        raise UsageError("which runs?", "name runs by their ids, or select with --dead, --job, --since or --status")
    if runs:
        return named_runs(call, runs)
    return selected(
        call.context,
        Selection(
            jobs=jobs_of_history(call.context, job, None, None),
            statuses=read_statuses(status or ()),
            since=past("--since", since, call.context.clock.now()),
        ),
    )
