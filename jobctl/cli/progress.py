"""`jobctl progress`, which a job calls."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from jobctl.cli.options import invocation
from jobctl.domain.progress import EXPECTED, read_amount
from jobctl.errors import UsageError
from jobctl.operations.progress import report, speaker


def command(
    ctx: typer.Context,
    amount: Annotated[str, typer.Argument(metavar="N", help="How much is done: 40, 40% or 3/10.")],
    message: Annotated[
        str | None, typer.Option("-m", "--message", metavar="TEXT", help="What the job is at; stays until the next.")
    ] = None,
) -> None:
    """Say from inside a job how far it is. `show`, `status`, `history` and `run` show it while the job runs.

    A disk that does not take it is told and is no failure of the job: the exit status stays 0.
    """
    call = invocation(ctx)
    who = speaker(os.environ.get("JOBCTL_RUN_ID"), os.environ.get("JOBCTL_ATTEMPT"))
    try:
        percent = read_amount(amount)
    except ValueError:
        raise UsageError(f"`{amount}` is no progress", f"write {EXPECTED}") from None
    try:
        report(call.context, who, percent, message)
    except OSError as error:
        call.console.note(f"the progress could not be kept: {error.strerror}")
