"""What `top` tells programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobctl.cli.render.json import instant
from jobctl.cli.render.status_document import (
    counts_document,
    daemon_document,
    missed_document,
    pause_document,
    queue_document,
    start_document,
)
from jobctl.cli.render.top.view import View, arranged
from jobctl.domain.run import Run
from jobctl.operations.running_attempts import RunningAttempt
from jobctl.operations.top import HostUse, Snapshot


def top_document(snapshot: Snapshot, view: View, document: Callable[[Run], dict[str, Any]]) -> dict[str, object]:
    """One refresh; `document` makes that of a run. Durations are seconds, sizes bytes, rates bytes a second, percents
    those of one core."""
    stored = snapshot.stored
    return {
        "at": instant(snapshot.at),
        "daemon": daemon_document(stored.daemon),
        "host": _host(snapshot.host),
        "counts": counts_document(snapshot.counts),
        "running": [{**document(one.run), **_use(one)} for one in arranged(snapshot, view)],
        "queues": [queue_document(one) for one in stored.queues],
        "paused": [pause_document(one) for one in stored.pauses],
        "next": [start_document(one) for one in stored.next],
        "failed": [document(run) for run in stored.failed],
        "missed": [missed_document(one) for one in stored.missed],
        "alerts_open": stored.alerts,
        "ended_per_minute": list(stored.minutes),
    }


def _use(one: RunningAttempt) -> dict[str, object]:
    return {
        "pid": one.pid,
        "elapsed": one.elapsed,
        "usual": one.usual,
        "eta": one.remaining,
        "cpu_percent": None if one.cpu_percent is None else round(one.cpu_percent, 1),
        "memory_bytes": one.rss_bytes,
        "processes": one.processes,
        "read_bytes_per_second": _whole(one.read_rate),
        "written_bytes_per_second": _whole(one.write_rate),
        "stopping": one.is_stopping,
    }


def _host(host: HostUse) -> dict[str, object]:
    return {
        "name": host.name,
        "cpu_percent": [round(core, 1) for core in host.cores],
        "load": list(host.load),
        "memory_total_bytes": host.memory_total,
        "memory_available_bytes": host.memory_available,
        "swap_total_bytes": host.swap_total,
        "swap_free_bytes": host.swap_free,
        "disk_total_bytes": host.disk_total,
        "disk_free_bytes": host.disk_free,
    }


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)
