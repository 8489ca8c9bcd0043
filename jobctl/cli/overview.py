"""What `jobctl status` shows of everything."""

from __future__ import annotations

from jobctl.cli.documents import document, documents
from jobctl.cli.invocation import Invocation
from jobctl.cli.render.alerts import alert_document
from jobctl.cli.render.json import dumps
from jobctl.cli.render.status_document import (
    counts_document,
    daemon_document,
    file_document,
    missed_document,
    pause_document,
    queue_document,
    start_document,
)
from jobctl.operations.context import Context
from jobctl.operations.freshness import refresh
from jobctl.operations.status import HostState, StatusReport, status
from jobctl.operations.waiting import reasons


def show_overview(call: Invocation) -> tuple[str, ...]:
    """The daemon, what runs, what failed, what is next. What a reader should know beside it is returned."""
    notes, report = _of_one_daemon(call.context)
    if call.json:
        call.console.print(dumps(_document(call, report)))
        return notes
    from jobctl.cli.render.status_screen import print_status  # not for programs

    print_status(call.console, report, reasons(call.context, report.waiting), call.context.clock.now())
    return notes


def _of_one_daemon(ctx: Context) -> tuple[tuple[str, ...], StatusReport]:
    """What is said and what is shown, both with the daemon or both without: asked again where it came or went between
    the two, which happens once."""
    while True:
        before = ctx.daemon_pid
        notes = refresh(ctx, of_file=False)  # the screen itself has a line for the file
        report = status(ctx)
        if report.daemon.pid == before:
            return notes, report


def _document(call: Invocation, report: StatusReport) -> dict[str, object]:
    return {
        "daemon": daemon_document(report.daemon),
        "jobs_file": file_document(report.file),
        "state_dir": str(report.state_dir),
        "counts": counts_document(report.counts),
        "running": documents(call, report.running),
        "failing": [{**document(call, one.run), "dead_letters": one.dead_letters} for one in report.failing],
        "missed": [missed_document(one) for one in report.missed],
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
