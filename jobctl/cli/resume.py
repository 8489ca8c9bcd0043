"""`jobctl resume`."""

from __future__ import annotations

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.options import invocation
from jobctl.cli.pause import Queue
from jobctl.cli.render.json import dumps
from jobctl.cli.render.switches import pause_document
from jobctl.operations.control import pauses, resume


def command(ctx: typer.Context, queue: Queue = None) -> int:
    """Let starts go on that `pause` holds: all of them, or those of one queue."""
    call = invocation(ctx)
    resumed = resume(call.context, queue)
    if call.json:
        call.console.print(dumps(pause_document(None, queue)))
    else:
        what = f"starts of queue {queue}" if queue else "all starts"
        call.console.print(f"{what} go on" if resumed else f"nothing held {what}")
    for left in pauses(call.context):
        held = "everything" if left.queue is None else f"queue {left.queue}"
        again = "jobctl resume" + (f" --queue {left.queue}" if left.queue else "")
        call.console.note(f"{held} is still paused by {left.by} (`{again}`)")
    return ExitStatus.DONE
