"""`jobctl status`."""

from typing import TYPE_CHECKING

from jobctl.cli.declared import Group, JobPatterns, Tag
from jobctl.cli.documents import document, documents
from jobctl.cli.invocation import Invocation, invocation
from jobctl.cli.render.alerts import alert_document
from jobctl.cli.render.json import dumps, job_document
from jobctl.cli.render.status_document import (
    counts_document,
    daemon_document,
    file_document,
    pause_document,
    queue_document,
    start_document,
)
from jobctl.operations.freshness import refresh
from jobctl.operations.selection import select_jobs
from jobctl.operations.status import HostState, StatusReport, status
from jobctl.operations.waiting import reasons, waiting

if TYPE_CHECKING:
    import typer


_WAITING_SHOWN = 5


def command(ctx: "typer.Context", jobs: JobPatterns = None, group: Group = None, tag: Tag = None) -> None:
    """The daemon, what runs, what failed, what is next; or the state of single jobs."""
    call = invocation(ctx)
    of_jobs = bool(jobs) or group is not None or tag is not None
    notes = refresh(call.context, of_file=of_jobs)  # of the whole the screen itself has a line for the file
    if of_jobs:
        _show_jobs(call, select_jobs(call.context, jobs, group, tag))
    else:
        _show_all(call, status(call.context))
    call.console.notes(notes)


def _show_all(call: Invocation, report: StatusReport) -> None:
    if call.json:
        call.console.print(dumps(_document(call, report)))
        return
    from jobctl.cli.render.status_screen import Waiting, print_status  # not for programs

    first = waiting(call.context, _WAITING_SHOWN)
    print_status(call.console, report, Waiting(first, reasons(call.context, first)), call.context.clock.now())


def _show_jobs(call: Invocation, names: list[str]) -> None:
    from jobctl.operations.job_detail import job_detail  # for single jobs

    details = [job_detail(call.context, name) for name in names]
    if call.json:
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


def _document(call: Invocation, report: StatusReport) -> dict[str, object]:
    return {
        "daemon": daemon_document(report.daemon),
        "jobs_file": file_document(report.file),
        "state_dir": str(report.state_dir),
        "counts": counts_document(report.counts),
        "running": documents(call, report.running),
        "failing": [{**document(call, one.run), "dead_letters": one.dead_letters} for one in report.failing],
        "next": [start_document(one) for one in report.next],
        "paused": [pause_document(one) for one in report.pauses],
        "queues": [queue_document(one) for one in report.queues],
        "alerts": [alert_document(alert) for alert in report.alerts],
        "host": _host(report.host),
    }


def _host(host: HostState) -> dict[str, object]:
    return {
        "load": list(host.load),
        "cores": host.cores,
        "memory_total_bytes": host.memory_total,
        "memory_available_bytes": host.memory_available,
        "disk_free_bytes": host.disk_free,
    }
