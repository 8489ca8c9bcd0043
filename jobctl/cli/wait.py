"""`jobctl wait`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus, of_run
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, run_document
from jobctl.cli.render.words import counted, meaning_of, outcome_words
from jobctl.cli.seconds import seconds
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.operations.following import wait
from jobctl.operations.selection import find_run


def command(
    ctx: typer.Context,
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs, or their beginnings.")],
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="DURATION", help='Give up after "15m", say; "0s" only asks.')
    ] = None,
) -> int:
    """Wait until runs have ended. For one run the exit status is the job's own, 124 when the timeout comes first."""
    call = invocation(ctx)
    limit = seconds("--timeout", timeout, may_be_zero=True)
    run_ids = list(dict.fromkeys(find_run(call.context, text).id for text in runs))
    waited = wait(call.context, run_ids, limit)
    if call.json:
        documents = [run_document(run) for run in waited.runs]
        call.console.print(dumps(documents[0] if len(runs) == 1 else documents))
    for run in waited.runs:
        if run.status.is_final:
            words = call.console.err_style(outcome_words(run), meaning_of(run.status))
            call.console.note(f"{run.job} {to_text(run.id)} {words}")
    if waited.timed_out:
        left = [run for run in waited.runs if not run.status.is_final]
        names = ", ".join(f"{run.job} {to_text(run.id)} ({run.status.word})" for run in left)
        call.console.complain(f"jobctl: {counted(len(left), 'run')} not ended after {timeout}: {names}")
        return ExitStatus.TIMED_OUT
    if len(run_ids) == 1:
        return of_run(waited.runs[0])
    return ExitStatus.DONE if all(run.status is Status.SUCCEEDED for run in waited.runs) else ExitStatus.FAILED
