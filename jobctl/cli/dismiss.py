"""`jobctl dismiss`."""

from __future__ import annotations

import typer

from jobctl.cli.named_runs import SomeRunIds, named_runs, show_changed
from jobctl.cli.options import invocation
from jobctl.operations.dead_letters import dismiss


def command(ctx: typer.Context, runs: SomeRunIds) -> None:
    """Take runs off the dead letters, because somebody has seen to them. The history keeps them as they are."""
    call = invocation(ctx)
    dismissed = dismiss(call.context, named_runs(call, runs))
    show_changed(call, dismissed, "dismissed", "none of these is a dead letter")
