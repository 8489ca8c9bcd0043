"""Queued runs become attempts. A claim is committed with its token before the keeper hears of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from jobctl.daemon.claims import Claims
from jobctl.daemon.idleness import Idleness
from jobctl.daemon.in_flight import Flight
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.overdue import Overdue
from jobctl.daemon.rate_limits import RateLimits
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.start_refusals import StartRefusals
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.admission import latest_start, next_hold
from jobctl.domain.job import Job
from jobctl.domain.run import Origin, Run, Status
from jobctl.store.records import Pause

_DISK_EVERY_MS = 1_000  # a full disk tells nobody that it has room again
_KEEPERS_EVERY_MS = 1_000  # one that never gets ready tells nobody either
# What a removed job takes with it.
_BY_ITSELF = frozenset({Origin.SCHEDULE, Origin.CATCH_UP, Origin.STARTUP, Origin.CHAIN})


class Dispatcher(QuietStep):
    """Admits what may start now, best first, up to the limits of the daemon, its queues and each job."""

    def __init__(
        self, around: Surroundings, launcher: Launcher, disk: DiskReserve, idleness: Idleness | None = None
    ) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._launcher = launcher
        self._disk = disk
        self._rates = RateLimits(around)
        self._claims = Claims(around)
        self._idleness = idleness or Idleness()
        self._held: dict[str, Job] = {}  # of whose runs the first one waits for an idle machine
        self._journal = around.journal
        self._news = around.news
        self._pauses: list[Pause] = []  # as of the last time that somebody else wrote
        self._pauses_as_of = self._pauses_read_at = 0
        self._claimed: list[Flight] = []
        self._backoff_ms = 0
        self._held_at = self._held_until = 0
        self._look_again_at: int | None = None  # a pause ends, a queue may start another, or the disk may have room
        self.deadline: int | None = 0  # the first of the waiting runs is to be released, or missed; 0: not known yet
        self._now = 0
        self._has_met_deadlines = False  # in this tick
        self.lacking = 0  # keepers that runs wait for
        self.draining = False
        self.refusals = StartRefusals()
        self._overdue = Overdue(around, disk, self._idleness, self._rates, self.refusals)

    def meet_deadlines(self, now: int) -> None:
        """Release what has come due and miss what may not start any more. Before the slots of a tick are decided: a run
        whose start_deadline has passed is in no slot's way."""
        if self._news.foreign:
            self._read_pauses(now)
        deadline = self._store.runs.next_deadline() if self._news.foreign else self.deadline
        if deadline is not None and deadline <= now:
            self._store.runs.release_due(now)
            self._overdue.miss(self._pauses, now, draining=self.draining)
        self._has_met_deadlines = True

    def tick(self, now: int) -> None:
        if not self._has_met_deadlines:
            self.meet_deadlines(now)
        self._has_met_deadlines = False
        self._look_again_at, self._idleness.next_at, self.lacking, self._now = None, None, 0, now
        self._start_what_may(now)
        self.deadline = self._store.runs.next_deadline()

    def next_at(self) -> int | None:
        deadlines = (self.deadline or None, self._held_until or None, self._look_again_at, self._idleness.next_at)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def committed(self) -> None:
        for flight in self._claimed:
            self._launcher.add(flight)
        self._claimed = []
        self._launcher.launch(self._now)

    def rolled_back(self) -> None:
        self._has_met_deadlines = False
        for flight in self._claimed:
            self._in_flight.remove(flight.token)
            self._pool.release(flight.keeper)
        self._claimed = []

    def _start_what_may(self, now: int) -> None:
        if not 0 < self._held_until - now <= self._backoff_ms:
            self._held_until = 0  # whatever follows: a deadline that has passed would never let the loop rest
        self._held_at = min(self._held_at, now)
        if self.draining or self._held_until:
            return
        if not self._disk.allows_starts(now):
            self._look_again_at = now + _DISK_EVERY_MS
            return
        pauses = self._pauses and [pause for pause in self._pauses if pause.until is None or pause.until > now]
        again = [pause.until for pause in pauses if pause.until is not None] if pauses else []
        if not (pauses and any(pause.queue is None for pause in pauses)):
            if not self._fill(now, pauses):
                again.append(now)
            if (at := self._rates.next_at(now)) is not None:
                again.append(at)
        if self.lacking:
            again.append(now + _KEEPERS_EVERY_MS)
        if self._claims.refused and (at := self._claims.next_at(now)) is not None:
            again.append(at)
        self._look_again_at = min(again, default=None)

    def _fill(self, now: int, pauses: list[Pause]) -> bool:
        """Claim what may start. False: the pauses have changed since they were read."""
        closed_jobs: set[str] = set()
        self._held = {}
        closed_queues = self._rates.look(now)
        if pauses:
            closed_queues |= {pause.queue for pause in pauses if pause.queue is not None}
        while (free := self._catalogue.max_concurrent - len(self._in_flight)) > 0:
            self._close_full(closed_jobs, closed_queues)
            waiting = self._store.runs.waiting(free + self._claims.refused, closed_jobs, closed_queues)
            waiting = self._claims.possible(waiting, now)[:free]
            if not waiting:
                break
            if self._pool.has_ready and not self._are_still(pauses, now):
                return False
            for place, run in enumerate(waiting):
                if not self._admit(run, closed_jobs, closed_queues, now):
                    self.lacking = self._startable(waiting[place:], closed_jobs, closed_queues)
                    return True
        self._pass_by_the_held(closed_jobs, closed_queues, now)
        return True

    def _pass_by_the_held(self, closed_jobs: set[str], closed_queues: set[str], now: int) -> None:
        """Behind a run that waits for an idle machine may be others of its job that do not."""
        for name, job in self._held.items():
            wait, free = job.wait_for_idle, self._catalogue.max_concurrent - len(self._in_flight)
            if wait is None or free <= 0:
                continue
            closed_jobs.discard(name)
            due_by = -1 if wait.latest is None else now - latest_start(wait, 0)
            waiting = self._store.runs.waiting_aside(name, due_by, free + self._claims.refused)
            for run in self._claims.possible(waiting, now)[:free]:
                if not self._admit(run, closed_jobs, closed_queues, now):
                    self.lacking += 1
                    return

    def _are_still(self, pauses: list[Pause], now: int) -> bool:
        """Asked again with the write lock, which is held until the claims are committed: a pause that is acknowledged
        before must stop them, and one that was over holds again where the clock was set back."""
        with self._store.transaction(locked=True):
            if self._store.version() == self._pauses_as_of and now >= self._pauses_read_at:
                return True
            self._read_pauses(now)
        return self._pauses == pauses

    def _read_pauses(self, now: int) -> None:
        """The daemon writes none itself, so they are good until somebody else writes."""
        self._pauses_as_of, self._pauses_read_at = self._store.version(), now
        self._pauses = self._store.switches.pauses(now)

    def _close_full(self, closed_jobs: set[str], closed_queues: set[str]) -> None:
        for name, running in self._in_flight.of_job.items():
            job = self._catalogue.job(name)
            if job is not None and running >= job.max_concurrent:
                closed_jobs.add(name)
        for name, running in self._in_flight.of_queue.items():
            limit = self._catalogue.max_concurrent_in(name)
            if limit is not None and running >= limit:
                closed_queues.add(name)

    def _admit(self, run: Run, closed_jobs: set[str], closed_queues: set[str], now: int) -> bool:
        """Claim one run, or close what holds it up. False: it lacks a keeper, or is the last of this tick."""
        job = self._catalogue.job(run.job)
        if job is None:
            if run.origin in _BY_ITSELF:
                reason = "the job was removed from the jobs file"
                self._store.runs.move(run.id, Status.QUEUED, Status.CANCELLED, now, reason)
            closed_jobs.add(run.job)
            return True
        if run.job in closed_jobs or run.queue in closed_queues:
            return True
        if self._idleness.holds(job, run, now):
            self._held[run.job] = job
            closed_jobs.add(run.job)
            return True
        is_suspect = run.blamed > 0
        if is_suspect and self._claimed:  # alone: what the daemon may die of takes no other run's good name with it
            return False
        keeper = self._pool.take()
        if keeper is None:
            return False
        self._claim(run, job, keeper, closed_queues, now)
        self._close_full_after(run, job, closed_jobs, closed_queues)
        return not is_suspect

    def _close_full_after(self, run: Run, job: Job, closed_jobs: set[str], closed_queues: set[str]) -> None:
        if self._in_flight.of_job[run.job] >= job.max_concurrent:
            closed_jobs.add(run.job)
        limit = self._catalogue.max_concurrent_in(run.queue)
        if limit is not None and self._in_flight.of_queue[run.queue] >= limit:
            closed_queues.add(run.queue)

    def _startable(self, runs: Sequence[Run], closed_jobs: Set[str], closed_queues: Set[str]) -> int:
        """How many of these runs could start if there were keepers."""
        jobs, queues = Counter(self._in_flight.of_job), Counter(self._in_flight.of_queue)
        for run in runs:
            job = self._catalogue.job(run.job)
            limit = self._catalogue.max_concurrent_in(run.queue)
            if job is None or run.job in closed_jobs or run.queue in closed_queues:
                continue
            if self._idleness.holds(job, run, self._now):
                continue
            if jobs[run.job] < job.max_concurrent and (limit is None or queues[run.queue] < limit):
                jobs[run.job] += 1
                queues[run.queue] += 1
        return jobs.total() - len(self._in_flight)

    def _claim(self, run: Run, job: Job, keeper: str, closed_queues: set[str], now: int) -> None:
        flight = self._claims.claim(run, job, keeper, now)
        if flight is None:
            return
        self._in_flight.add(flight)
        self._claimed.append(flight)
        self._idleness.started(job, run, now)
        if self._rates.take(run.queue, now):
            closed_queues.add(run.queue)

    def hold(self, now: int, reason: str) -> None:
        """The machine refuses new processes: wait 1 to 60 s, longer each time until something starts; the run stays
        queued and no attempt is used up. Several refusals of one moment are one."""
        if now < self._held_until:
            return
        self._backoff_ms = next_hold(self._backoff_ms)
        self._held_at, self._held_until = now, now + self._backoff_ms
        self.refusals.refused(now, reason)
        self._journal.error("cannot start anything", reason=reason, retry_in=f"{self._backoff_ms / 1000:.0f}s")

    def eased(self, started_at: int) -> None:
        """A job was started then: if that was after the last refusal, the next is the first again."""
        self.refusals.started(started_at)
        if not self._held_until and started_at >= self._held_at:
            self._backoff_ms = 0
