"""`jobctl backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.words import full_time
from jobctl.domain.units import format_size
from jobctl.operations.backup import backup


def command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy.", readable=False)],
) -> int:
    """Copy the database while everything runs. FILE is complete or absent; an older copy is replaced."""
    call = invocation(ctx)
    made = backup(call.context, file)
    if call.json:
        call.console.print(dumps({"path": str(made.path), "size": made.size, "replaced": instant(made.replaced)}))
    else:
        call.console.print(f"{made.path} {format_size(made.size)}")
    if made.replaced is not None:
        call.console.note(f"it replaced an older copy, of {full_time(made.replaced)}")
    return ExitStatus.DONE
