"""`jobctl schema`."""

from __future__ import annotations

import json

import typer

from jobctl.cli.options import invocation
from jobctl.config.schema import json_schema


def command(ctx: typer.Context) -> None:
    """The JSON Schema of the jobs file, for editors.

    `jobctl schema > jobs.schema.json`, and `#:schema ./jobs.schema.json` as the first line of the jobs file.
    """
    invocation(ctx).console.print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
