"""`jobctl disable`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.chosen import chosen_starts
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.switches import switch_document, until_words
from jobctl.cli.seconds import seconds
from jobctl.operations.control import Switched, disable


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help='Enable again after so long, such as "4h".')
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, for those who ask.")] = None,
    group: Group = None,
    tag: Tag = None,
) -> int:
    """Keep jobs from starting by themselves. `run` still starts them, and what runs now runs on."""
    call = invocation(ctx)
    limit = seconds("--for", duration)
    now = call.context.clock.now()
    switches = disable(call.context, chosen_starts(call, jobs, group, tag), limit, reason)
    if call.json:
        call.console.print(dumps([switch_document(switch) for switch in switches]))
        return ExitStatus.DONE
    for switch in switches:
        words = "disabled" if switch.result is Switched.DONE else "was disabled already, now"
        call.console.print(f"{switch.job} {words} {until_words(switch.until, now)}{f': {reason}' if reason else ''}")
    return ExitStatus.DONE
