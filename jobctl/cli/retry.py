"""`jobctl retry`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli import request_options
from jobctl.cli.chosen import current_definitions
from jobctl.cli.ended_runs import Dead, DryRun, LettersOf, Selectors, Since, chosen_runs
from jobctl.cli.invocation import Invocation
from jobctl.cli.named_runs import RunIds, show_changed
from jobctl.cli.options import Group, Tag, invocation
from jobctl.cli.render.words import counted
from jobctl.operations.dead_letters import (
    KEPT_COMMANDS,
    refuse_those_of_removed_jobs,
    refuse_what_cannot_be_retried,
    retry,
    without_removed_jobs,
)
from jobctl.operations.edits import edited
from jobctl.operations.freshness import refresh_jobs
from jobctl.operations.service_places import start_command
from jobctl.operations.stored_runs import Runs


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    dead: Dead = False,
    job: LettersOf = None,
    group: Group = None,
    tag: Tag = None,
    since: Since = None,
    status: Annotated[
        list[str] | None, typer.Option(metavar="STATUS", help="Instead of dead letters all that ended so.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="Another value in the payload; again for each."),
    ] = None,
    params: Annotated[
        str | None, typer.Option("--params", metavar="JSON", help="Another payload: a JSON object, or @FILE with one.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Queue ended runs again: the same run and id, with a fresh retry budget (that of its job now, or its own from
    --retries); its old attempts stay.

    The payload stays too, but for what --param or --params change: checked by the types that the job has now, for all
    of the runs before one is queued.
    """
    call = invocation(ctx)
    edit = request_options.edit(param, params)
    if edit is not None:
        call.console.notes(current_definitions(call.context))
    chosen = chosen_runs(call, runs, Selectors(job, group, tag, since, dead, status), _of_job, origins=KEPT_COMMANDS)
    refuse_what_cannot_be_retried(chosen)
    refresh_jobs(call.context)
    if runs:
        refuse_those_of_removed_jobs(call.context, chosen)
    else:
        chosen = _startable(call, chosen)
    payloads = edited(call.context, chosen, edit) if edit is not None else None
    if dry_run:
        show_changed(call, chosen, "would be queued again", "nothing would be retried")
        return
    retried = retry(call.context, chosen, payloads)
    show_changed(call, retried, "waits for its next attempt", "there is nothing to retry")
    if retried and call.context.daemon_pid is None:
        start = start_command(call.context.places.jobs_file)
        call.console.note(f"no daemon is running: they start when one does (`{start}`)")


def _startable(call: Invocation, chosen: Runs) -> Runs:
    """Those that somebody can start, saying of which jobs the others are."""
    startable, others = without_removed_jobs(call.context, chosen)
    if others:
        runs = counted(others.total(), "run")
        call.console.note(f"left out {runs} of what is not in the jobs file any more: {', '.join(sorted(others))}")
    return startable


def _of_job(job: str) -> str:
    return f"`jobctl retry --job {job}` queues its dead letters again"
