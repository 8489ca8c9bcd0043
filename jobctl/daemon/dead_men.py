"""Jobs that owe a success within a time (`no_success`): their deadlines in a heap, so that thousands cost nothing."""

from __future__ import annotations

import heapq

from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import AlertKind, Trouble
from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.alert_rules import trouble_of_job
from jobctl.domain.units import format_duration, said
from jobctl.store.records import DeadMan

_FEW = 200


class DeadMen:
    """A success moves no deadline here: when one passes, the store is asked for the real one."""

    def __init__(self, around: Surroundings) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._generation: int | None = None
        self._deadlines: list[tuple[int, str]] = []
        self._overdue: set[str] = set()

    def troubles(self, now: int) -> list[Trouble]:
        """The jobs whose success is overdue."""
        self._read_anew_when_jobs_changed()
        while self._deadlines and self._deadlines[0][0] <= now:
            self._overdue.add(heapq.heappop(self._deadlines)[1])
        return [trouble for name in sorted(self._overdue) if (trouble := self._ask(name, now)) is not None]

    @property
    def next_at(self) -> int | None:
        """When the next deadline passes."""
        return self._deadlines[0][0] if self._deadlines else None

    def _read_anew_when_jobs_changed(self) -> None:
        generation = self._store.jobs.generation()
        if generation != self._generation:
            self._generation = generation
            self._overdue = set()
            self._deadlines = [(man.overdue_at, man.job) for man in self._dead_men()]
            heapq.heapify(self._deadlines)

    def _dead_men(self) -> list[DeadMan]:
        """Few are asked for by name: only many are worth reading every definition."""
        jobs = self._catalogue.configuration.jobs.values()
        names = [job.name for job in jobs if job.alert is not None and job.alert.no_success is not None]
        if len(names) > _FEW:
            return self._store.alerts.dead_men()
        return [man for name in names for man in self._store.alerts.dead_men(name)]

    def _ask(self, name: str, now: int) -> Trouble | None:
        man = next(iter(self._store.alerts.dead_men(name)), None)
        if man is not None and man.overdue_at <= now:
            return self._trouble(man)
        self._overdue.discard(name)
        if man is not None:
            heapq.heappush(self._deadlines, (man.overdue_at, name))
        return None

    def _trouble(self, man: DeadMan) -> Trouble:
        job = self._catalogue.job(man.job)
        words = f"{_since_when(man)} one is due every {format_duration(man.no_success)}"
        policy = (job.alert if job is not None else None) or AlertPolicy()
        return trouble_of_job(AlertKind.NO_SUCCESS, words, man.job, policy)


def _since_when(man: DeadMan) -> str:
    """Never the time of a success that there was not: what waiting counts from may be another."""
    if man.since == man.last_success_at:
        return f"no success since {said(man.since)};"
    before = "no success yet" if man.last_success_at is None else f"no success since {said(man.last_success_at)}"
    return f"{before}; the job is {'enabled' if man.since == man.enabled_at else 'known'} since {said(man.since)},"
