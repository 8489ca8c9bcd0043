"""`on_start` and `on_boot`: runs that a start of the daemon or of the machine asks for."""

from __future__ import annotations

from jobctl.daemon.catalogue import Catalogue
from jobctl.domain.job import Job
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.store.interface import Store
from jobctl.store.records import JobTiming


def queue_startup_runs(store: Store, catalogue: Catalogue, now: int, *, booted: bool) -> int:
    """Queue one run of each job that wants it now; `booted`: this is the first start since the machine booted.

    Returns how many. A job that wants both gets one run. Belongs into the transaction that records the start, so that
    a daemon that dies meanwhile neither forgets the runs nor makes them twice.
    """
    if not catalogue.starts_scheduled:
        return 0
    jobs = catalogue.configuration.jobs.values()
    asking = [job for job in jobs if job.enabled and (job.triggers.on_start or (booted and job.triggers.on_boot))]
    if not asking:
        return 0
    with store.transaction(locked=True):  # a `disable` that is acknowledged before holds
        disabled = {timing.name for timing in store.jobs.timings() if _is_disabled(timing, now)}
        wanted = [job for job in asking if job.name not in disabled and not store.runs.active(job.name)]
        for job in wanted:
            store.runs.add(_startup_run(job, now))
    return len(wanted)


def _is_disabled(timing: JobTiming, now: int) -> bool:
    """Nobody has ended yet a disabling that was over before this start."""
    return timing.disabled and (timing.disabled_until is None or timing.disabled_until > now)


def _startup_run(job: Job, now: int) -> NewRun:
    return NewRun(
        job=job.name,
        origin=Origin.STARTUP,
        status=Status.QUEUED,
        created_at=now,
        due_at=now,
        priority=job.priority,
        queue=job.queue,
        max_attempts=job.retry.retries + 1,
    )
