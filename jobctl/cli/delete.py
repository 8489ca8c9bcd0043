"""`jobctl delete`."""

from __future__ import annotations

import typer

from jobctl.cli.named_runs import SomeRunIds, named_runs, show_changed
from jobctl.cli.options import invocation
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.dead_letters import delete


def command(ctx: typer.Context, runs: SomeRunIds) -> None:
    """Remove ended runs from the history, with their attempts and logs. There is no way back."""
    call = invocation(ctx)
    chosen = named_runs(call, runs)
    for run in chosen:
        if not run.status.is_final:
            raise Refused(f"{to_text(run.id)} is {run.status.word}", f"`jobctl cancel {to_text(run.id)}` first")
    show_changed(call, delete(call.context, chosen), "deleted", "there is nothing to delete")
