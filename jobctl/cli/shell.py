"""`jobctl shell`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from jobctl.cli import request_options as options
from jobctl.cli.env import planned_run
from jobctl.cli.options import invocation
from jobctl.process.bare import become_within


def command(
    ctx: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's name; a glob that means one.")],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[-- CMD...]", help="A command in the place of the shell.")
    ] = None,
    param: options.Param = None,
    params: options.Params = None,
) -> int:
    """Your shell in the environment, with the secrets, in the folder and as the user of a run of the job.

    The run does not exist: it has no id that other verbs know, and no files for params and result.
    """
    call = invocation(ctx)
    planned = planned_run(call, job, options.request(call, param, params, None, None, None, None, None, False))
    argv = words or [os.environ.get("SHELL") or "/bin/sh"]
    if not words:
        call.console.note(f"{planned.job.name}: {planned.account.name} in {planned.spec.cwd}; leave with `exit`")
    call.close()
    become_within(planned.spec, argv)
