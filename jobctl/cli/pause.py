"""`jobctl pause`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.switches import pause_document, until_words
from jobctl.cli.seconds import seconds
from jobctl.operations.control import pause

Queue = Annotated[str | None, typer.Option("--queue", metavar="QUEUE", help="Only the runs of a queue.")]


def command(
    ctx: typer.Context,
    queue: Queue = None,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help='Go on by itself after so long, such as "30m".')
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, for those who ask.")] = None,
) -> int:
    """Hold all starts, or those of one queue. What is due waits; what runs now runs on."""
    call = invocation(ctx)
    now = call.context.clock.now()
    held = pause(call.context, queue, seconds("--for", duration), reason)
    if call.json:
        call.console.print(dumps(pause_document(held.pause, queue)))
        return ExitStatus.DONE
    what = f"queue {queue}" if queue else "all starts"
    already = "was held already, now" if queue else "were held already, now"
    words = "held" if held.before is None else already
    until = until_words(held.pause.until, now)
    call.console.print(f"{what} {words} {until}{f': {reason}' if reason else ''}")
    if call.context.daemon_pid is None:
        call.console.note("no daemon is running; this holds for the next one too")
    return ExitStatus.DONE
