"""`jobctl init`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.config.places import find_jobs_file
from jobctl.config.safety import shown
from jobctl.operations.starting_file import write_starter


def command(
    ctx: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Without it the jobs file in use.", readable=False)
    ] = None,
) -> None:
    """Write a jobs file to start from. A file that is there already stays as it is (exit status 6)."""
    call = invocation(ctx)
    written = write_starter(path or call.config)
    if call.json:
        call.console.print(dumps({"path": str(written)}))
        return
    call.console.print(str(written))
    call.console.note(_next_steps(written))


def _next_steps(written: Path) -> str:
    """What to do with the file: a verb that is not told of it has to find it by itself."""
    named = "" if find_jobs_file(None) == written else f" -c {shlex.quote(shown(written))}"
    steps = f"next: `jobctl check{named}`, then `jobctl run hello{named}`"
    return f"{steps}; `jobctl daemon{named}` starts jobs when they are due"
