"""What `status` and `top` tell programs."""

from __future__ import annotations

from jobctl.cli.render.json import instant
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.operations.file_news import FileNews
from jobctl.operations.queues import QueueState
from jobctl.operations.starts import Start
from jobctl.operations.status import DaemonState
from jobctl.store.records import MissedStarts, Pause


def counts_document(counts: dict[Status, int]) -> dict[str, int]:
    """How many runs there are in each status."""
    return {status.word: counts.get(status, 0) for status in Status}


def pause_document(pause: Pause) -> dict[str, object]:
    """Starts that are held; of everything where the queue is null."""
    return {
        "queue": pause.queue,
        "since": instant(pause.since),
        "until": instant(pause.until),
        "by": pause.by,
        "reason": pause.reason,
    }


def start_document(one: Start) -> dict[str, object]:
    """Something that is going to start."""
    from jobctl.cli.render.zoned import local_iso  # zones, for programs only

    run = to_text(one.run_id) if one.run_id is not None else None
    return {
        "at": instant(one.at),
        "job": one.job,
        "local": local_iso(one.at, one.zone),
        "reason": one.reason,
        "run_id": run,
    }


def missed_document(one: MissedStarts) -> dict[str, object]:
    """A job that has missed its last starts."""
    return {"job": one.job, "missed": one.missed, "missed_since": instant(one.since)}


def queue_document(queue: QueueState) -> dict[str, object]:
    """One queue with its limits."""
    return {
        "name": queue.name,
        "waiting": queue.waiting,
        "running": queue.running,
        "max_concurrent": queue.max_concurrent,
        "rate_limit": queue.rate.words if queue.rate is not None else None,
        "next_start_at": instant(queue.next_start_at),
        "paused": queue.pause is not None,
    }


def daemon_document(daemon: DaemonState) -> dict[str, object]:
    """The daemon, or the last that there was."""
    return {
        "running": daemon.running,
        "pid": daemon.pid,
        "version": daemon.version,
        "started_at": instant(daemon.started_at),
        "config": daemon.config,
        "reloaded_at": instant(daemon.reloaded_at),
        "scheduling": daemon.scheduling,
        "draining_since": instant(daemon.draining_at),
        "jobs": daemon.jobs,
        "stands_still": daemon.stands_still,
        "last_beat_at": instant(daemon.last_beat_at),
        "stopped_at": instant(daemon.seen.at if daemon.seen is not None and daemon.seen.stopped else None),
    }


def file_document(news: FileNews | None) -> dict[str, object]:
    """Whether the jobs file is as it was loaded, and what would keep it from being taken."""
    if news is None:
        return {"changed": False, "refused": False, "problem": None}
    return {"changed": True, "refused": news.refused, "problem": news.problem}
