"""`jobctl status`."""

from typing import TYPE_CHECKING

from jobctl.cli.declared import Group, JobPatterns, Tag
from jobctl.cli.invocation import Invocation, invocation
from jobctl.operations.freshness import refresh
from jobctl.operations.selection import select_jobs

if TYPE_CHECKING:
    import typer


def command(ctx: "typer.Context", jobs: JobPatterns = None, group: Group = None, tag: Tag = None) -> None:
    """The daemon, what runs, what failed, what is next; or the state of single jobs."""
    call = invocation(ctx)
    of_jobs = bool(jobs) or group is not None or tag is not None
    if of_jobs:
        notes = refresh(call.context)
        _show_jobs(call, select_jobs(call.context, jobs, group, tag))
    else:
        from jobctl.cli.overview import show_overview  # alerts, queues and more, which single jobs do without

        notes = show_overview(call)
    call.console.notes(notes)


def _show_jobs(call: Invocation, names: list[str]) -> None:
    from jobctl.operations.job_detail import job_detail  # for single jobs only

    details = [job_detail(call.context, name) for name in names]
    if call.json:
        from jobctl.cli.documents import document
        from jobctl.cli.render.json import dumps, job_document

        documents = [
            job_document(one.row, document(call, one.last_run) if one.last_run is not None else None) for one in details
        ]
        call.console.print(dumps(documents[0] if len(documents) == 1 else documents))
        return
    from jobctl.cli.render.job_sheet import print_job  # as above

    for at, detail in enumerate(details):
        if at:
            call.console.print()
        print_job(call.console, detail, call.context.clock.now(), with_definition=False)
