"""`jobctl remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.changed_file import carry_out
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.words import counted
from jobctl.domain.run import Origin, Run, Status
from jobctl.operations.adoption import plan_remove

_ASKED_FOR = frozenset({Origin.MANUAL, Origin.QUEUE})


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The job's name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
) -> None:
    """Take a job out of its jobs file, with the comments that are its own. Its runs and logs are kept."""
    call = invocation(ctx)
    change = plan_remove(call.context, name)
    active = call.context.store.runs.active(name)
    carry_out(call, change, dry_run=dry_run)
    _tell_of_runs(call, active)


def _tell_of_runs(call: Invocation, active: list[Run]) -> None:
    running = [run for run in active if run.status is Status.RUNNING]
    asked_for = [run for run in active if run.status is not Status.RUNNING and run.origin in _ASKED_FOR]
    by_itself = len(active) - len(running) - len(asked_for)
    if running:
        call.console.note(f"{counted(len(running), 'run')} under way: not touched")
    if by_itself:
        call.console.note(f"{counted(by_itself, 'waiting run')} of its schedule or chain: cancelled")
    if asked_for:
        kept = "kept until the job is back (`jobctl cancel`)"
        call.console.note(f"{counted(len(asked_for), 'waiting run')} that somebody asked for: {kept}")
