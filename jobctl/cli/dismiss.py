"""`jobctl dismiss`."""

from __future__ import annotations

import typer

from jobctl.cli.ended_runs import Dead, DryRun, LettersOf, Selectors, Since, chosen_runs
from jobctl.cli.named_runs import RunIds, show_changed
from jobctl.cli.options import Group, Tag, invocation
from jobctl.cli.render.words import outcome_words
from jobctl.domain.run import DEAD, Run
from jobctl.domain.run_id import to_text
from jobctl.errors import Refused
from jobctl.operations.dead_letters import dismiss


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    dead: Dead = False,
    job: LettersOf = None,
    group: Group = None,
    tag: Tag = None,
    since: Since = None,
    dry_run: DryRun = False,
) -> None:
    """Take runs off the dead letters, because somebody has seen to them. The history keeps them as they are."""
    call = invocation(ctx)
    chosen = chosen_runs(call, runs, Selectors(job, group, tag, since, dead), _of_job, by_status=False)
    for run in chosen if runs else ():
        if not run.dead_letter:
            raise Refused(_what_it_is(run), "`jobctl dead` lists those that there are; nothing was dismissed")
    if dry_run:
        show_changed(call, chosen, "would be dismissed", "nothing would be dismissed")
    else:
        faster = "somebody else was faster" if runs else "there is nothing to dismiss"
        show_changed(call, dismiss(call.context, chosen), "dismissed", faster)


def _what_it_is(run: Run) -> str:
    words = f"{run.job} {to_text(run.id)} is no dead letter: it is {outcome_words(run)}"
    return f"{words}, and was dismissed, or a later success made up for it" if run.status in DEAD else words


def _of_job(job: str) -> str:
    return f"`jobctl dismiss --job {job}` dismisses its dead letters"
