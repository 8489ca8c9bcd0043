"""Runs that are late and runs that take too long, among those whose jobs want to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import Alert, AlertKind, Trouble
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.alert_rules import trouble_of_job, usual_limit
from jobctl.domain.run import BEGUN, Run, Status
from jobctl.domain.settings import Configuration
from jobctl.domain.units import format_duration
from jobctl.store.records import HistoryFilter

_LEARN_EVERY_MS = 600_000
_LEARN_FROM = 100  # of the newest runs


class RunWatch:
    """`troubles` is asked at each look; then `next_at` says when another one begins."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._in_flight = around.in_flight
        self._configuration: Configuration | None = None
        self._late: dict[str, AlertPolicy] = {}
        self._overrun: dict[str, AlertPolicy] = {}
        self._usual: dict[str, tuple[int, float | None]] = {}  # when it was learnt, and how long is too long
        self.next_at: int | None = None

    def troubles(self, now: int, open_alerts: Sequence[Alert]) -> list[Trouble]:
        """The late and the overlong runs, one for each job; and the late ones of `open_alerts` that have become missed,
        until another run of their job has started."""
        self._adopt()
        self.next_at = None
        late = self._late_runs(now)
        return [*late, *self._never_started(open_alerts, {one.job for one in late}), *self._overlong_runs(now)]

    def _adopt(self) -> None:
        if self._configuration is self._catalogue.configuration:
            return
        self._configuration = self._catalogue.configuration
        policies = {name: job.alert for name, job in self._configuration.jobs.items() if job.alert is not None}
        self._late = {name: one for name, one in policies.items() if one.late is not None and one.wants("late")}
        self._overrun = {
            name: one for name, one in policies.items() if one.overrun is not None and one.wants("overrun")
        }

    def _late_runs(self, now: int) -> list[Trouble]:
        found = []
        for name in sorted(self._late.keys() & self._store.alerts.waiting_jobs()) if self._late else ():
            policy, run = self._late[name], self._store.alerts.first_waiting(name)
            if run is None or policy.late is None:
                continue
            if self._is_over(run.due_at + round(1000 * policy.late), now):
                waited = format_duration((now - run.due_at) // 1000)
                found.append(trouble_of_job(AlertKind.LATE, f"not started {waited} after it was due", name, policy,
                                            run_id=run.id))  # fmt: skip
        return found

    def _never_started(self, open_alerts: Sequence[Alert], waiting: set[str | None]) -> Iterator[Trouble]:
        for alert in open_alerts:
            if alert.kind is not AlertKind.LATE or alert.job in waiting or alert.run_id is None:
                continue
            policy, run = self._late.get(alert.job or ""), self._store.runs.get(alert.run_id)
            if policy is None or run is None or run.status is not Status.MISSED or self._has_begun_since(run):
                continue
            yield trouble_of_job(AlertKind.LATE, f"missed: {run.reason}", run.job, policy, run_id=run.id)

    def _has_begun_since(self, missed: Run) -> bool:
        later = HistoryFilter(jobs=(missed.job,), statuses=BEGUN, after_id=missed.id, limit=_LEARN_FROM)
        return any(run.attempt > 0 for run in self._store.runs.history(later))

    def _overlong_runs(self, now: int) -> list[Trouble]:
        oldest: dict[str, Flight] = {}
        for flight in self._in_flight if self._overrun else ():
            name = flight.run.job
            if name in self._overrun and (name not in oldest or flight.started_at < oldest[name].started_at):
                oldest[name] = flight
        found = []
        for name, flight in oldest.items():
            limit = self._limit(name, now)
            if limit is not None and self._is_over(flight.started_at + round(1000 * limit), now):
                ran = format_duration(_rounded((now - flight.started_at) / 1000))
                words = f"still running after {ran}; more than {format_duration(limit)} is too long"
                policy = self._overrun[name]
                found.append(trouble_of_job(AlertKind.OVERRUN, words, name, policy, run_id=flight.run.id))
        return found

    def _is_over(self, at: int, now: int) -> bool:
        if at > now:
            self.next_at = at if self.next_at is None else min(self.next_at, at)
        return at <= now

    def _limit(self, name: str, now: int) -> float | None:
        """Seconds; None while there is too little history to say."""
        overrun = self._overrun[name].overrun
        if not isinstance(overrun, str):
            return overrun
        learnt = self._usual.get(name)
        if learnt is None or not 0 <= now - learnt[0] < _LEARN_EVERY_MS:
            wanted = HistoryFilter(jobs=(name,), statuses=(Status.SUCCEEDED,), limit=_LEARN_FROM)
            runs = self._store.runs.history(wanted)
            took = [(run.finished_at - run.started_at) / 1000 for run in runs if run.finished_at and run.started_at]
            learnt = self._usual[name] = now, usual_limit(took)
        return learnt[1]


def _rounded(seconds: float) -> float:
    """Whole seconds, and tenths of few: `0.9s` where more than half a second is too long."""
    return round(seconds, 1) if seconds < 10 else seconds // 1
