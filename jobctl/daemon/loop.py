"""The order of a tick. Read this first.

Everything that a tick decides is one transaction, so one sync serves all runs that ended, came due and start
together. Only after its commit do keepers hear of new attempts, and only then is the watchdog fed. Nothing in a tick
waits for a keeper: one that is missing is started after the commit and wakes the daemon when it is ready.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from jobctl.clock import Clock
from jobctl.daemon.alerter import Alerter
from jobctl.daemon.canceller import Canceller
from jobctl.daemon.checkpointer import Checkpointer
from jobctl.daemon.clock_watch import ClockWatch
from jobctl.daemon.deadlines import Deadlines
from jobctl.daemon.delivery import Delivery
from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.dispensable import Dispensable
from jobctl.daemon.heartbeats import Heartbeats
from jobctl.daemon.inquest import Inquest
from jobctl.daemon.outage import Outage
from jobctl.daemon.pruner import Pruner
from jobctl.daemon.reaper import Reaper
from jobctl.daemon.reloader import Reloader
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.signpainter import Signpainter
from jobctl.daemon.statistician import Statistician
from jobctl.daemon.step import NEVER, Step
from jobctl.daemon.successor import Successor
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.daemon.visitors import Visitors
from jobctl.daemon.wakeup import Wakeup
from jobctl.daemon.warmer import Warmer
from jobctl.daemon.watchdog import Watchdog
from jobctl.errors import JobctlError

# A ring that was lost costs no more than this.
_LONGEST_WAIT_MS = 1_000
_AFTER_AN_ERROR_MS = 1_000
_SUPERSEDED = "the database was brought up to date by a newer jobctl: ending so that the new one takes over"


@dataclass(frozen=True, slots=True)
class Steps:
    """The parts of a tick, and the pruner, which comes between ticks."""

    clock_watch: ClockWatch
    reloader: Reloader
    visitors: Visitors
    inquest: Inquest
    reaper: Reaper
    successor: Successor
    canceller: Canceller
    deadlines: Deadlines
    scheduler: Scheduler
    dispatcher: Dispatcher
    warmer: Warmer
    statistician: Statistician
    alerter: Alerter
    delivery: Delivery
    heartbeats: Heartbeats
    watchdog: Watchdog
    checkpointer: Checkpointer
    signpainter: Signpainter
    pruner: Pruner

    def in_order(self) -> tuple[Step, ...]:
        """What must see the world first comes first: time, definitions, ends, the runs that follow them, deadlines of
        those that wait, new slots, the stops that these ask for (`overlap = "replace"`) among others, new starts, what
        is to be told of all that."""
        return (
            self.clock_watch,
            self.reloader,
            self.visitors,
            self.inquest,
            self.reaper,
            self.successor,
            self.deadlines,
            self.scheduler,
            self.canceller,
            self.dispatcher,
            self.warmer,
            self.statistician,
            self.alerter,
            self.delivery,
            self.heartbeats,
            self.watchdog,
            self.checkpointer,
            self.signpainter,
        )

    def dispensable(self) -> tuple[Step, ...]:
        """Those that lose nothing by coming later: what goes wrong in them must not undo every tick for ever."""
        return (self.successor, self.statistician, self.alerter)


class Loop:
    """Wait, tick, wait."""

    def __init__(
        self,
        around: Surroundings,
        clock: Clock,
        wakeup: Wakeup,
        manager: ServiceManager,
        steps: Steps,
        *,
        drain: bool,
    ) -> None:
        self._store = around.store
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._journal = around.journal
        self._news = around.news
        self._clock = clock
        self._wakeup = wakeup
        self._manager = manager
        self._clock_watch = steps.clock_watch
        self._reloader = steps.reloader
        self._dispatcher = steps.dispatcher
        self._pruner = steps.pruner
        self._watchdog = steps.watchdog
        wrapped = {step: Dispensable(step, around.journal) for step in steps.dispensable()}
        self._steps = [wrapped.get(step, step) for step in steps.in_order()]
        self._concerned: list[Step] = []  # whom the last tick called
        self._drain = drain
        self._failed_at: int | None = None
        self._outage = Outage(around.journal)

    def run(self) -> bool:
        """Tick until told to stop. With `drain` that is when the last running attempt has ended. False: another daemon
        is to go on at once, a newer one, since the store is its own by now."""
        if self._is_superseded():
            return False
        self.tick(self._clock.now())
        while not self._is_over():
            due_at = self._deadline()
            until = min(due_at, self._pruner.next_at())
            happened = self._wait(min(until - self._clock.now(), _LONGEST_WAIT_MS) / 1000)
            self._listen()
            now = self._clock.now()
            has_news = self._has_news()
            if has_news and self._is_superseded():
                return False
            if busy := happened or has_news or now >= due_at or self._clock_watch.has_stepped(now):
                self.tick(now, alone=not has_news)
            self._prune(busy=busy)
        with suppress(JobctlError):  # who asks later is told less, that is all
            self._store.service.stopped(self._clock.now())
        return True

    def tick(self, now: int, *, alone: bool = False) -> None:
        """One commit for all that is due, then its effects. `alone`: nobody else has written since the last one."""
        self._news.foreign = not alone or self._failed_at is not None
        try:
            with self._journal.once_stored(), self._store.transaction():
                self._call_steps(now)
        except Exception as problem:
            self._undo(problem, now)
            return
        self._failed_at = None
        self._outage.over(now)
        self._pool.retire_idle(now)
        self._let_out()

    def _call_steps(self, now: int) -> None:
        self._concerned = []
        for step in self._steps:
            if step.sleeps_until <= now or self._news.foreign:
                step.tick(now)
                self._concerned.append(step)

    def _let_out(self) -> None:
        """The claims first: jobs wait for them, for the rest nobody does."""
        self._dispatcher.committed()
        for step in self._concerned:
            if step is not self._dispatcher:
                step.committed()

    def _wait(self, seconds: float) -> bool:
        """A tick that failed has left keepers and couriers unheard: they would end every wait at once."""
        return self._wakeup.wait(seconds) if self._failed_at is None else self._wakeup.rest(seconds)

    def _has_news(self) -> bool:
        try:
            return self._store.changed()
        except JobctlError:
            return True  # the tick finds the same, says it and tries again

    def _is_superseded(self) -> bool:
        """Asked before a tick works with what it does not know. Not even that this daemon stops is written any more."""
        try:
            superseded = self._store.is_outdated()
        except JobctlError:
            return False  # as above
        if superseded:
            self._manager.stopping("stopping, for a newer jobctl")
            self._journal.warning(_SUPERSEDED, running=len(self._in_flight))
        return superseded

    def _prune(self, *, busy: bool) -> None:
        """A slice of pruning where nothing is more urgent: outside the tick, so that no start waits for its commit."""
        now = self._clock.now()
        if self._pruner.is_wary:
            self._pruner.follow(now, self._clock.boottime())
        if self._pruner.is_due(now, busy=busy):
            begun_at = self._clock.boottime()
            self._pruner.prune(now)
            self._pruner.took(self._clock.boottime() - begun_at)

    def _undo(self, problem: Exception, now: int) -> None:
        """Nothing of the tick happened: say so and try again in a moment, with everything read anew."""
        for step in self._steps:
            step.rolled_back()
        self._watchdog.failed(problem, now)
        self._failed_at = now
        if isinstance(problem, JobctlError):
            self._outage.failed(problem, now)
        else:
            self._journal.exception("tick failed, trying again")

    def _listen(self) -> None:
        if self._wakeup.hangups:
            self._wakeup.hangups = 0
            self._reloader.ask()

    def _is_over(self) -> bool:
        stops = self._wakeup.stops
        if not stops:
            return False
        if not self._dispatcher.draining:
            self._dispatcher.draining = True
            self._manager.stopping(f"stopping, {len(self._in_flight)} running")
            self._journal.info("stopping", running=len(self._in_flight), drain=self._drain)
            with suppress(JobctlError):  # a word to those who look, which a full disk may keep back
                self._store.service.draining(self._clock.now())
        return not self._drain or stops > 1 or len(self._in_flight) == 0

    def _deadline(self) -> int:
        try:
            return self._next_at()
        except JobctlError as problem:
            self._journal.error("the store cannot be read, trying again", reason=problem.message)
            return self._clock.now() + _AFTER_AN_ERROR_MS

    def _next_at(self) -> int:
        if self._failed_at is not None:
            self._failed_at = min(self._failed_at, self._clock.now())  # the clock may have been set back
            return self._failed_at + _AFTER_AN_ERROR_MS
        first = NEVER
        for step in self._steps:
            at = step.next_at() if step in self._concerned else step.sleeps_until
            if at is not None and at < first:
                first = at
        return first
