"""`jobctl show`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.documents import document
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import (
    attempt_document,
    dumps,
    end_document,
    event_document,
    instant,
    job_document,
    relative_document,
    use_document,
)
from jobctl.domain.run import Run, Status
from jobctl.operations.effective import with_what_holds
from jobctl.operations.freshness import refresh
from jobctl.operations.job_detail import JobDetail, job_detail
from jobctl.operations.run_detail import RunDetail, run_detail
from jobctl.operations.selection import find_job_or_run


def command(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="JOB|RUN", help="A job's name, or the beginning of a run's id.")],
) -> None:
    """Everything about one job or one run."""
    call = invocation(ctx)
    notes = refresh(call.context)
    found = find_job_or_run(call.context, subject, with_removed=True)
    if isinstance(found, Run):
        _show_run(call, run_detail(call.context, found))
        if found.status in (Status.SCHEDULED, Status.RETRYING):  # why one waits that is due is said with it
            call.console.notes(notes)
        return
    _show_job(call, job_detail(call.context, found))
    call.console.notes(notes)


def _show_job(call: Invocation, detail: JobDetail) -> None:
    if call.json:
        detail = with_what_holds(detail)
        last = document(call, detail.last_run) if detail.last_run else None
        place = {"definition": detail.definition, "file": detail.row.file, "line": detail.row.line}
        if detail.removed_at is not None:
            place["removed_at"] = instant(detail.removed_at)
        chain = {
            "followers": [{"job": name, "on": list(keys)} for name, keys in detail.followers.items()],
            "arrived": [end_document(end) for end in detail.arrived],
        }
        call.console.print(dumps({**job_document(detail.row, last), **place, **chain}))
        return
    from jobctl.cli.render.job_sheet import print_job  # words for schedules, not needed by programs

    print_job(call.console, detail, call.context.clock.now())


def _show_run(call: Invocation, detail: RunDetail) -> None:
    if call.json:
        attempts = [
            attempt_document(one.attempt, str(one.log) if one.log is not None else None) for one in detail.attempts
        ]
        chain = {
            "parents": [end_document(end) for end in detail.parents],
            "children": [relative_document(run) for run in detail.children],
        }
        events = [event_document(event) for event in detail.events]
        found = {**document(call, detail.run), "waits": detail.waits, "attempts": attempts, **chain, "events": events}
        found["use"] = use_document(detail.use) if detail.use is not None else None
        call.console.print(dumps(found))
        return
    from jobctl.cli.render.run_sheet import print_run  # as above

    print_run(call.console, detail, call.context.clock.now())
