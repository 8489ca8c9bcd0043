"""`jobctl init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
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
    call.console.note("next: `jobctl check`, then `jobctl run hello`; `jobctl daemon` starts jobs when they are due")
