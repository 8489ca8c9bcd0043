"""`jobctl dismiss`."""

from __future__ import annotations

import typer

from jobctl.cli.named_runs import SomeRunIds, named_runs, show_changed
from jobctl.cli.options import invocation
from jobctl.cli.render.words import outcome_words
from jobctl.domain.run import DEAD, Run
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.dead_letters import dismiss


def command(ctx: typer.Context, runs: SomeRunIds) -> None:
    """Take runs off the dead letters, because somebody has seen to them. The history keeps them as they are."""
    call = invocation(ctx)
    chosen = named_runs(call, runs)
    for run in chosen:
        if not run.dead_letter:
            raise Refused(_what_it_is(run), "`jobctl dead` lists those that there are; nothing was dismissed")
    show_changed(call, dismiss(call.context, chosen), "dismissed", "somebody else was faster")


def _what_it_is(run: Run) -> str:
    words = f"{run.job} {to_text(run.id)} is no dead letter: it is {outcome_words(run)}"
    return f"{words}, and was dismissed, or a later success made up for it" if run.status in DEAD else words
