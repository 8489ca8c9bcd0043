"""`jobctl delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.ended_runs import DryRun, Selectors, Since, chosen_runs
from jobctl.cli.named_runs import RunIds, show_changed
from jobctl.cli.options import Group, Tag, invocation
from jobctl.domain.run import FINAL
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.dead_letters import delete


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    job: Annotated[
        list[str] | None, typer.Option("--job", metavar="JOB", help="All ended runs of a job; globs work.")
    ] = None,
    group: Group = None,
    tag: Tag = None,
    since: Since = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only dead letters.")] = False,
    status: Annotated[
        list[str] | None, typer.Option(metavar="STATUS", help="Only those that ended so, several with commas.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Remove ended runs from the history, with their attempts and logs. There is no way back.

    Options leave out what was made with --keep; by its id it goes too. `prune` goes by age.
    """
    call = invocation(ctx)
    wanted = Selectors(job, group, tag, since, dead, status)
    chosen = chosen_runs(call, runs, wanted, _of_job, usual=tuple(sorted(FINAL)), with_kept=False)
    for run in chosen:
        if not run.status.is_final:
            raise Refused(f"{to_text(run.id)} is {run.status.word}", f"`jobctl cancel {to_text(run.id)}` first")
    if dry_run:
        show_changed(call, chosen, "would be deleted", "nothing would be deleted")
    else:
        show_changed(call, delete(call.context, chosen), "deleted", "there is nothing to delete")


def _of_job(job: str) -> str:
    return f"`jobctl delete --job {job}` deletes all its ended runs, and with --dry-run says which"
