"""`jobctl env`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli import request_options as options
from jobctl.cli.chosen import chosen_jobs
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.dry_run import difference_document, dry_run_document, print_difference, print_environment
from jobctl.cli.render.json import dumps
from jobctl.operations.definitions import load_configuration
from jobctl.operations.dry_run import DryRun, difference, dry_run
from jobctl.operations.request import Request
from jobctl.operations.selection import only_job
from jobctl.process.bare import callers_environment


def command(
    ctx: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's name; a glob that means one.")],
    diff: Annotated[bool, typer.Option("--diff", help="Only what differs from your environment.")] = False,
    param: options.Param = None,
    params: options.Params = None,
) -> None:
    """The environment that a run of the job gets, a variable a line; secrets are masked.

    With --diff: + what it has and you have not, - what only you have, ~ what has another value.
    """
    call = invocation(ctx)
    planned = planned_run(call, job, options.request(call, param, params, None, None, None, None, None, False))
    if diff:
        found = difference(planned, callers_environment())
        if call.json:
            call.console.print(dumps(difference_document(found)))
        else:
            print_difference(call.console, found)
    elif call.json:
        call.console.print(dumps(dry_run_document(planned)))
    else:
        print_environment(call.console, planned.env)


def planned_run(call: Invocation, job: str, request: Request) -> DryRun:
    """What a run of the one job would be given."""
    chosen_jobs(call, [job], None, None)
    return dry_run(call.context, load_configuration(call.context), only_job(call.context, job), request)
