"""Ended attempts. A keeper is free for its next attempt only once the end of its last is committed."""

from __future__ import annotations

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.in_flight import Flight
from jobctl.daemon.inquest import Inquest
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.settler import Settler
from jobctl.daemon.step import QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.outcome import AttemptEnd
from jobctl.failpoint import hit
from jobctl.process.reports import Died, Ended, KeeperReport, NotStarted, Started

# A pid is worth a commit of its own only for attempts that live longer than this.
_PID_AFTER_MS = 500


class Reaper(QuietStep):
    """Takes the keepers' reports, concludes what ended and asks after keepers that died."""

    def __init__(
        self,
        around: Surroundings,
        launcher: Launcher,
        settler: Settler,
        inquest: Inquest,
        scheduler: Scheduler,
        dispatcher: Dispatcher,
    ) -> None:
        self._store = around.store
        self._in_flight = around.in_flight
        self._pool = around.pool
        self._launcher = launcher
        self._settler = settler
        self._inquest = inquest
        self._scheduler = scheduler
        self._dispatcher = dispatcher
        self._reports: list[KeeperReport] = []  # received and not yet committed
        self._pids: dict[bytes, int] = {}
        self._pids_seen_to: set[bytes] = set()  # they go with the commit of this tick
        self._ended_unsent: list[AttemptEnd] = []  # ends of attempts that no keeper ever heard of
        self._refused: list[tuple[Flight, str]] = []
        self._over: list[Flight] = []
        self._done_with: list[str] = []  # keepers whose report is committed with this tick
        self._aside: set[bytes] = set()  # attempts whose news is left for later
        self._again_at: int | None = None  # when the first of those is tried again

    def tick(self, now: int) -> None:
        self._settler.disk.look(now)
        self._reports += self._pool.receive(now)
        if self._launcher.has_news:
            self._ended_unsent += self._launcher.take_failed()
            self._refused += self._launcher.take_refused()
        some_aside = self._inquest.failures() > 0
        for end in self._ended_unsent:
            if not (some_aside and self._is_aside(end.token, now)):
                self._end(end)
        for flight, reason in self._refused:
            if not (some_aside and self._is_aside(flight.token, now)):
                self._not_started(flight.token, reason, now)
        for report in self._reports:
            if not (some_aside and self._is_aside(_token_of(report), now)):
                self._take(report, now)
        again = (self._inquest.rests_until(token) for token in self._aside)
        self._again_at = min((at for at in again if at is not None), default=None)
        if self._pids:
            self._record_pids(now)
        if self._over:
            hit("daemon.before_conclude_commit")

    def committed(self) -> None:
        if self._over:
            hit("daemon.concluded")
        for flight in self._over:
            self._settler.clear_up(flight)
        for keeper in self._done_with:
            self._pool.settled(keeper)
        for token in self._pids_seen_to:
            self._pids.pop(token, None)
        self._pids_seen_to.clear()
        self._over, self._done_with = [], []
        self._keep_what_is_aside()

    def rolled_back(self) -> None:
        for flight in self._over:
            self._in_flight.add(flight)
        self._pool.retract()
        self._over, self._done_with = [], []
        self._pids_seen_to.clear()
        self._aside.clear()

    def next_at(self) -> int | None:
        if self._launcher.has_news:
            return 0
        if not self._pids:
            return self._again_at
        waiting = [flight.started_at for token in self._pids if (flight := self._in_flight.get(token))]
        at = min(waiting) + _PID_AFTER_MS if waiting else None
        return at if self._again_at is None else min(at or self._again_at, self._again_at)

    def _keep_what_is_aside(self) -> None:
        if not self._aside:
            self._reports, self._ended_unsent, self._refused = [], [], []
            return
        self._reports = [report for report in self._reports if _token_of(report) in self._aside]
        self._ended_unsent = [end for end in self._ended_unsent if end.token in self._aside]
        self._refused = [(flight, reason) for flight, reason in self._refused if flight.token in self._aside]
        self._aside.clear()

    def _is_aside(self, token: bytes | None, now: int) -> bool:
        flight = self._in_flight.get(token) if token else None
        if flight is None:
            return False
        if self._settler.is_aside(flight, now):
            self._in_flight.set_aside(flight)
        elif not self._inquest.is_unread(flight, now):
            return False
        self._pids_seen_to.add(flight.token)
        self._aside.add(flight.token)
        return True

    def _take(self, report: KeeperReport, now: int) -> None:
        match report:
            case Started(token, pid):
                self._pids[token] = pid
                self._dispatcher.eased(now)
            case Ended(end, keeper):
                if end.started_at is not None:
                    self._dispatcher.eased(end.started_at)
                self._end(end)
                self._done_with.append(keeper)
                self._pool.offer(keeper)
            case NotStarted(token, reason, keeper):
                self._not_started(token, reason, now)
                self._done_with.append(keeper)
            case Died(keeper, token):
                self._ask_after(keeper, token, now)

    def _end(self, end: AttemptEnd) -> None:
        flight = self._in_flight.get(end.token)
        if flight is not None:
            if self._settler.ended(flight, end):
                self._scheduler.ended(flight.run.job, end.finished_at)
            self._is_over(flight)

    def _not_started(self, token: bytes, reason: str, now: int) -> None:
        """The machine had no room for it: the run waits again, and so does everything else for a moment."""
        flight = self._in_flight.get(token)
        if flight is not None:
            self._settler.never_started(flight, now)
            self._is_over(flight)
        self._dispatcher.hold(now, reason)

    def _ask_after(self, keeper: str, token: bytes | None, now: int) -> None:
        flight = self._in_flight.get(token) if token else self._in_flight.of_keeper(keeper)
        if flight is None or self._inquest.hold(flight, now):
            self._done_with.append(keeper)
            if flight is not None:
                self._is_over(flight)
        elif flight.supervised:
            self._inquest.doubt(flight)

    def _is_over(self, flight: Flight) -> None:
        """Its place is free for a claim of this very tick."""
        self._in_flight.remove(flight.token)
        self._over.append(flight)

    def _record_pids(self, now: int) -> None:
        for token, pid in self._pids.items():
            flight = self._in_flight.get(token)
            if flight is not None and 0 <= now - flight.started_at < _PID_AFTER_MS:  # the clock may have been set back
                continue
            if flight is not None and token not in self._pids_seen_to:
                self._store.attempts.started(flight.run.id, flight.number, flight.token, pid)
            self._pids_seen_to.add(token)


def _token_of(report: KeeperReport) -> bytes | None:
    """The attempt that a report is about, where it says."""
    return report.end.token if isinstance(report, Ended) else report.token
