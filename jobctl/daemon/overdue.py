"""Waiting runs whose start_deadline passes, and what was in their way to the last: nobody can work that out later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from jobctl.daemon.idleness import Idleness
from jobctl.daemon.rate_limits import RateLimits
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.start_refusals import StartRefusals
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.due import first_answered, in_utc, slots_answered
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.store.records import Pause

_AT_ONCE = 500
_NAMED = 3  # runs that are named before "and N more"


class Overdue:
    """Makes them missed, each with its reason."""

    def __init__(
        self, around: Surroundings, disk: DiskReserve, idleness: Idleness, rates: RateLimits, refusals: StartRefusals
    ) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._in_flight = around.in_flight
        self._journal = around.journal
        self._news = around.news
        self._disk = disk
        self._idleness = idleness
        self._rates = rates
        self._refusals = refusals

    def miss(self, pauses: Sequence[Pause], now: int, *, draining: bool) -> None:
        """All whose time to start is over at `now`."""
        for run, start_by in self._store.runs.overdue(now, _AT_ONCE):
            late = format_duration(round((now - run.due_at) / 1000, 1 if now - run.due_at < 1000 else 0))
            nobody_there = self._news.passed_while if start_by < 1000 * self._news.awake_since else None
            drained = "the daemon drained" if draining and nobody_there is None else None
            ordered = drained or _paused(run, pauses, start_by, now)
            behind = ordered or nobody_there or self._in_the_way(run, now)
            since = f", since {behind}" if behind else ""
            reason = f"start_deadline passed: it had not started {late} after it was due{since}"
            if self._store.runs.move(run.id, Status.QUEUED, Status.MISSED, now, reason):
                if ordered is None:
                    self._count(run)
                self._journal.warning("run missed", job=run.job, run=to_text(run.id), reason=reason)

    def _count(self, run: Run) -> None:
        """Nobody ordered that it should not start: the job has missed one start more, or all that the run stood for."""
        made = run.reason or ""
        first = first_answered(made)
        self._store.jobs.missed(run.job, slots_answered(made), run.due_at if first is None else first * 1000)

    def _in_the_way(self, run: Run, now: int) -> str | None:
        """What the run waited for last, in words for who reads them later; None when nothing is known. Somebody has
        been at work up to its deadline: what is so now was so then, give or take a tick."""
        if self._disk.is_short:
            return self._disk.shortage
        job = self._catalogue.job(run.job)
        if job is not None and self._in_flight.of_job[run.job] >= job.max_concurrent:
            return f"max_concurrent = {job.max_concurrent} of {run.job} was reached by {self._running(job=run.job)}"
        if job is not None and (busy := self._idleness.held_for(job, run, now)) is not None:
            return busy
        of_queue = self._catalogue.max_concurrent_in(run.queue)
        if of_queue is not None and self._in_flight.of_queue[run.queue] >= of_queue:
            return f"max_concurrent = {of_queue} of queue {run.queue} was reached by {self._running(queue=run.queue)}"
        if len(self._in_flight) >= self._catalogue.max_concurrent:
            return f"max_concurrent = {self._catalogue.max_concurrent} of the daemon was reached by {self._running()}"
        if (rate := self._rates.reached(run.queue, now)) is not None:
            return f"rate_limit = {rate.words} of queue {run.queue} was reached"
        if self._refusals.since(now) is not None:
            return f"the machine refused new processes: {self._refusals.reason}"
        return None

    def _running(self, job: str | None = None, queue: str | None = None) -> str:
        """The attempts under way that fill the place, by their runs: the oldest first."""
        runs = (flight.run for flight in self._in_flight)
        found = [run.id for run in runs if job in (None, run.job) and queue in (None, run.queue)]
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        return f"run {', '.join(to_text(run_id) for run_id in islice(found, _NAMED))}{more}"


def _paused(run: Run, pauses: Sequence[Pause], start_by: int, now: int) -> str | None:
    """The pause that holds the run and did so when its time was over, in words; None when none does."""
    for pause in pauses:
        holds = pause.since <= start_by and (pause.until is None or pause.until > now)
        if holds and pause.queue in (None, run.queue):
            return _told(pause)
    return None


def _told(pause: Pause) -> str:
    what = "everything" if pause.queue is None else f"queue {pause.queue}"
    reason = f" ({pause.reason})" if pause.reason else ""
    return f"{what} was paused by {pause.by} from {in_utc(pause.since // 1000)} on{reason}"
