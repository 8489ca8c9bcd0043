"""`jobctl metrics`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import invocation
from jobctl.cli.render.metrics import exposition
from jobctl.errors import JobctlError, JobsFileError
from jobctl.operations.freshness import refresh_runs
from jobctl.operations.metrics import metrics
from jobctl.presence import is_file, is_there

_MODE = 0o644  # the collector runs as another user


def command(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Replace FILE in one stroke instead.")
    ] = None,
) -> int:
    """Numbers in the text format of Prometheus, on stdout or for the textfile collector of its node exporter."""
    call = invocation(ctx)
    context = call.context
    try:
        call.console.notes(refresh_runs(context))
    except JobsFileError:
        if context.store.jobs.names():
            raise  # they are another's
        # The numbers as they are, also where a file cannot be used: `health` tells of it.
    lines = exposition(metrics(context))
    if output is None:
        sys.stdout.writelines(lines)
    else:
        _replace(output.resolve(), lines)
    return ExitStatus.DONE


def _replace(path: Path, lines: Iterable[str]) -> None:
    """Whoever reads the file finds the old numbers or the new ones. JobctlError when it cannot be written."""
    if is_there(path) and not is_file(path):
        raise JobctlError(f"{path} is no regular file", "name the file to write")
    try:
        # The collector reads *.prom: until it is whole the file has another name.
        number, name = mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.writelines(lines)
            unfinished.chmod(_MODE)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise JobctlError(f"cannot write {path}: {error.strerror}", "name a file that you may write") from error
