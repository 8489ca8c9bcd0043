"""A run without a daemon: this call claims it, executes it under a keeper of its own and writes down how it ended.

The same store, the same keeper, the same conclusions as with a daemon. If this call is killed, its keeper finishes
and records; `wait`, `cancel` or the next daemon reads that. If a daemon comes meanwhile, what waits is left to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobctl.config.system_zone import system_zone
from jobctl.domain.admission import next_hold, turn
from jobctl.domain.job import Job
from jobctl.domain.outcome import AttemptEnd
from jobctl.domain.run import Run, Status
from jobctl.domain.settings import Configuration
from jobctl.errors import CannotStart, Interrupted, JobctlError
from jobctl.operations.context import Context
from jobctl.operations.following import Follower, Watcher, cancel_all
from jobctl.operations.limits import limit_reached, limits_of, mind_bucket, take_token
from jobctl.operations.obstacle import obstacle
from jobctl.operations.pace import Pace
from jobctl.operations.selection import get_run
from jobctl.operations.settlement import settle, settle_all_abandoned, settle_fate, unfinished_attempt
from jobctl.operations.wait import Absence
from jobctl.process.launch import AttemptPlaces, LaunchProblem, Recipe
from jobctl.process.pool import Pool
from jobctl.process.reports import Died, Ended, KeeperReport, NotStarted, Started

if TYPE_CHECKING:
    from jobctl.operations.run_heartbeat import RunHeartbeat

_LOOK_AFTER_OTHERS_MS = 1_000


@dataclass(frozen=True, slots=True)
class _Claim:
    """The attempt that this call executes."""

    run: Run
    number: int
    token: bytes
    keeper: str


class Foreground:
    """Executes runs one after the other. To be closed."""

    def __init__(self, ctx: Context, configuration: Configuration) -> None:
        self._ctx = ctx
        self._configuration = configuration
        self._pool = Pool(ctx.places.keepers_dir)
        self._claim: _Claim | None = None
        self._stop_sent: int | None = None
        self._held_until = 0  # since boot: a clock that is set prolongs nothing
        self._setback: str | None = None  # why it is held
        self._backoff_ms = 0
        self._looked_after_others_at = ctx.clock.boottime()
        self._heartbeat: RunHeartbeat | None = None

    def close(self) -> None:
        """Let go of the keeper: one with an attempt finishes and records it."""
        self._pool.close()
        if self._heartbeat is not None:
            self._heartbeat.close()

    def execute(self, run_id: int, watcher: Watcher) -> Run:
        """The run when it has ended. Interrupted at the second Ctrl-C; the job is being stopped then."""
        absence, pace = Absence(self._ctx), Pace(self._pool.fileno())
        with Follower(self._ctx, run_id, watcher, self._why_not_yet) as follower:
            try:
                while not (run := follower.look()).status.is_final:
                    self._advance(run, absence)
                    if self._heartbeat is not None:
                        self._heartbeat.look()
                    pace.rest()
            except Interrupted:
                self._pass_on_cancel(get_run(self._ctx, run_id))  # both may come between two looks
                raise
            return run

    def execute_all(self, watchers: Mapping[int, Watcher]) -> Iterator[Run]:
        """Each of the runs when it has ended, one after the other as a daemon would start them: one that is to start
        later keeps no other waiting. Interrupted as with one; what has not begun then is cancelled."""
        left = dict.fromkeys(sorted(watchers, key=lambda run_id: turn(get_run(self._ctx, run_id))))
        called_off = False
        try:
            for run_id in list(left):
                watcher = watchers[run_id]
                if not called_off and watcher.interrupts():
                    called_off = True
                    cancel_all(self._ctx, left)
                run = self.execute(run_id, watcher)
                del left[run_id]
                yield run
                self._finish_heartbeat(run, watcher)
        except Interrupted:
            cancel_all(self._ctx, left)
            raise

    def _advance(self, run: Run, absence: Absence) -> None:
        if self._claim is not None:
            self._attend(self._claim, run)
        elif run.status is Status.RUNNING or self._ctx.daemon_pid is not None:
            absence.mind(run)
        elif run.status is Status.QUEUED:
            self._start(run)
        elif run.due_at <= self._ctx.clock.now():
            self._ctx.store.runs.release_due(self._ctx.clock.now())

    def _start(self, run: Run) -> None:
        if self._ctx.clock.boottime() < self._held_until:
            return
        if self._held_by(run) is not None:
            self._look_after_others(run)
            return
        job = self._job(run)
        try:
            keeper = self._pool.reserve()
        except CannotStart as problem:
            self._hold(problem.message)
            return
        self._setback = None
        self._claim, self._stop_sent = self._begin(run, keeper), None
        self._begin_heartbeat(run, job)
        if self._claim is None:
            self._pool.release(keeper)
            return
        self._send(self._claim, job)

    def _begin(self, run: Run, keeper: str) -> _Claim | None:
        """Claim the run; None when it may not start any more.

        Asked again under the write lock: another call may have claimed what fills the limit, or a daemon may have
        come. A daemon has its lock before it first writes and only then reads what is unfinished, so either this
        sees the daemon or the daemon's recovery sees this claim.
        """
        token = os.urandom(16)
        with self._ctx.store.transaction(locked=True):
            if self._ctx.daemon_pid is not None or self._held_by(run) is not None:
                return None
            number = self._ctx.store.attempts.begin(run.id, token, keeper, self._ctx.clock.now())
            rate = limits_of(self._configuration.settings, run.queue).rate
            if number is not None and rate is not None:
                take_token(self._ctx, run.queue, rate)
        return None if number is None else _Claim(run, number, token, keeper)

    def _send(self, claim: _Claim, job: Job) -> None:
        here, zone = self._ctx.places, self._configuration.settings.timezone or system_zone()
        recipe = Recipe(job, AttemptPlaces(here.jobs_file, here.state_dir), timezone=zone)
        log_path = here.log_path(claim.run.id, claim.number)
        try:
            spec = recipe.spec(claim.run, claim.number, claim.token, log_path)
        except LaunchProblem as problem:
            now = self._ctx.clock.now()
            self._pool.release(claim.keeper)
            self._end(claim, AttemptEnd(claim.token, now, now, exit_code=problem.exit_code, error=problem.message))
        except CannotStart as problem:
            self._pool.release(claim.keeper)
            self._withdraw(claim, problem.message)
        else:
            self._pool.start(claim.keeper, spec)

    def _attend(self, claim: _Claim, run: Run) -> None:
        for report in self._pool.receive(self._ctx.clock.now()):
            self._understand(claim, report)
        self._pass_on_cancel(run)

    def _pass_on_cancel(self, run: Run) -> None:
        if self._claim is not None and run.cancel_signal is not None and run.cancel_signal != self._stop_sent:
            self._stop_sent = run.cancel_signal
            self._pool.stop(self._claim.keeper, run.cancel_signal, self._job(run).execution.grace)

    def _understand(self, claim: _Claim, report: KeeperReport) -> None:
        if isinstance(report, Started):
            self._ctx.store.attempts.started(claim.run.id, claim.number, report.token, report.pid)
        elif isinstance(report, Ended):
            self._end(claim, report.end)
        elif isinstance(report, NotStarted):
            self._withdraw(claim, report.reason)
        elif isinstance(report, Died):
            self._ask_after(claim)
        if self._claim is None:
            self._pool.settled(claim.keeper)

    def _end(self, claim: _Claim, end: AttemptEnd) -> None:
        run = self._ctx.store.runs.get(claim.run.id) or claim.run
        settle(self._ctx, run, claim.number, self._job(run).retry, end)
        self._claim, self._backoff_ms = None, 0

    def _withdraw(self, claim: _Claim, reason: str) -> None:
        """The machine could not start it: nothing was executed, and the attempt does not count."""
        self._ctx.store.attempts.withdraw(claim.run.id, claim.number, claim.token, self._ctx.clock.now())
        self._hold(reason)
        self._claim = None

    def _ask_after(self, claim: _Claim) -> None:
        run = self._ctx.store.runs.get(claim.run.id)
        attempt = unfinished_attempt(self._ctx.store, claim.run.id)
        if run is not None and attempt is not None:
            settle_fate(self._ctx, run, attempt, self._job(run).retry)
        self._claim = None  # processes that live on without a keeper are minded like another's

    def _hold(self, reason: str) -> None:
        """Longer each time until something has been executed."""
        self._backoff_ms = next_hold(self._backoff_ms)
        self._held_until = self._ctx.clock.boottime() + self._backoff_ms
        self._setback = f"nothing can be started now: {reason}"

    def _why_not_yet(self, run: Run) -> str | None:
        return self._held_by(run) or self._setback

    def _held_by(self, run: Run) -> str | None:
        limits = limits_of(self._configuration.settings, run.queue)
        return obstacle(self._ctx, run) or limit_reached(self._ctx, run, limits)

    def _look_after_others(self, run: Run) -> None:
        """What fills a limit may be over with nobody left to say so, and a clock may have been set."""
        now = self._ctx.clock.boottime()
        if now - self._looked_after_others_at < _LOOK_AFTER_OTHERS_MS:
            return
        self._looked_after_others_at = now
        settle_all_abandoned(self._ctx)
        rate = limits_of(self._configuration.settings, run.queue).rate
        if rate is not None:
            mind_bucket(self._ctx, run.queue, rate)

    def _begin_heartbeat(self, run: Run, job: Job) -> None:
        if self._claim is None or self._heartbeat is not None or job.heartbeat is None:
            return
        from jobctl.operations.run_heartbeat import RunHeartbeat  # processes that ping, for jobs that want it

        self._heartbeat = RunHeartbeat(self._ctx, run.id, job.heartbeat)

    def _finish_heartbeat(self, run: Run, watcher: Watcher) -> None:
        """After the run was told: what it still waits for is no part of it."""
        heartbeat, self._heartbeat = self._heartbeat, None
        if heartbeat is not None and (problem := heartbeat.finish()) is not None:
            watcher.unheard(run, problem)

    def _job(self, run: Run) -> Job:
        job = self._configuration.jobs.get(run.job)
        if job is None:
            raise JobctlError(f"{run.job} is not in the jobs file any more", "start a daemon to have its runs put away")
        return job
