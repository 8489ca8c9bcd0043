"""`jobctl retry`."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import typer

from jobctl.cli import request_options
from jobctl.cli.chosen import current_definitions, jobs_with_runs
from jobctl.cli.history import read_statuses
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import past
from jobctl.cli.named_runs import RunIds, named_runs, show_changed
from jobctl.cli.options import Group, Tag, invocation
from jobctl.errors import UsageError
from jobctl.operations.dead_letters import Selection, refuse_what_cannot_be_retried, retry, selected
from jobctl.operations.edits import edited
from jobctl.operations.stored_runs import Runs


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead letters.")] = False,
    job: Annotated[
        list[str] | None, typer.Option("--job", metavar="JOB", help="The dead letters of a job; globs work.")
    ] = None,
    group: Group = None,
    tag: Tag = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only those made at this time or later.")] = None,
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> None:
    """Queue ended runs again: the same run and id, with a fresh retry budget; its old attempts stay.

    The payload stays too, but for what --param or --params change: checked by the types that the job has now, for all
    of the runs before one is queued.
    """
    call = invocation(ctx)
    edit = request_options.edit(param, params)
    if edit is not None:
        call.console.notes(current_definitions(call.context))
    chosen = _chosen(call, runs, _Selectors(dead, job, group, tag, since, status))
    refuse_what_cannot_be_retried(chosen)
    payloads = edited(call.context, chosen, edit) if edit is not None else None
    if dry_run:
        show_changed(call, chosen, "would be queued again", "nothing would be retried")
        return
    retried = retry(call.context, chosen, payloads)
    show_changed(call, retried, "waits for its next attempt", "there is nothing to retry")
    if retried and call.context.daemon_pid is None:
        call.console.note("no daemon is running: they start when one does (`jobctl daemon`)")


class _Selectors(NamedTuple):
    """The options that select runs, as they were given."""

    dead: bool
    jobs: list[str] | None
    group: str | None
    tag: str | None
    since: str | None
    statuses: list[str] | None


def _chosen(call: Invocation, runs: list[str] | None, wanted: _Selectors) -> Runs:
    if bool(runs) == (wanted != _NOTHING):
        raise UsageError(
            "which runs?", "name runs by their ids, or select with --dead, --job, --group, --tag, --since or --status"
        )
    if runs:
        return named_runs(call, runs)
    return selected(
        call.context,
        Selection(
            jobs=jobs_with_runs(call, wanted.jobs, wanted.group, wanted.tag),
            statuses=read_statuses(wanted.statuses or ()),
            since=past("--since", wanted.since, call.context.clock.now()),
            dead=wanted.dead,
        ),
    )


_NOTHING = _Selectors(False, None, None, None, None, None)
