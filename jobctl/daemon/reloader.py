"""Takes a new jobs file into force, all or nothing."""

from __future__ import annotations

import json
from pathlib import Path

from jobctl.config import fingerprints
from jobctl.config.definition import definitions_of
from jobctl.config.load import load
from jobctl.config.stamps import stamps_of
from jobctl.daemon.scheduler import Scheduler
from jobctl.daemon.step import NEVER, QuietStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.systemd import ServiceManager
from jobctl.domain.reload_plan import ReloadFigures, change, figures
from jobctl.domain.settings import Configuration
from jobctl.errors import JobctlError, JobsFileError
from jobctl.store.interface import Store


class Reloader(QuietStep):
    """Reads the file when asked by SIGHUP or through the store. A broken file changes nothing and is answered."""

    def __init__(self, around: Surroundings, scheduler: Scheduler, manager: ServiceManager) -> None:
        self._store = around.store
        self._catalogue = around.catalogue
        self._scheduler = scheduler
        self._manager = manager
        self._journal = around.journal
        self._news = around.news
        self._around = around
        self._wanted = False
        self._refused = False  # in this tick
        self._before: Configuration | None = None  # set between a change and its commit

    def ask(self) -> None:
        """SIGHUP came."""
        self._wanted, self.sleeps_until = True, 0

    def tick(self, now: int) -> None:
        self.sleeps_until = NEVER
        if not (self._wanted or self._news.foreign):
            return
        requests = self._store.service.open_reloads()
        if not (requests or self._wanted):
            return
        self._manager.reloading()
        try:
            taken = self._take_into_force(now)
        except JobsFileError as problem:
            self._refuse(problem, requests, now)
            return
        self._store.service.reloaded(requests, now, None)
        left = self._record(now)
        self._scheduler.forget()
        configuration = self._catalogue.configuration
        self._journal.info(
            "reloaded", jobs=len(configuration.jobs), added=taken.added, removed=taken.removed,
            changed=taken.changed, warnings=configuration.warnings or None,
        )  # fmt: skip
        if left:
            self._journal.warning("settings that need a restart of the daemon", keys=", ".join(left))
        if not self._catalogue.starts_scheduled:
            self._journal.warning(self._catalogue.why_nothing_is_scheduled)

    def _refuse(self, problem: JobsFileError, requests: list[int], now: int) -> None:
        self._journal.error("jobs file refused, the old one stays in force", problems=problem.message)
        self._store.service.reloaded(requests, now, problem.message)
        self._store.service.refused(problem.message)
        self._refused = True
        self._manager.ready(self._around.status_words)

    def _record(self, now: int) -> tuple[str, ...]:
        """Say in the store what is in force now; returns the changed settings that a reload cannot change."""
        info = self._store.service.info()
        wanted = fingerprints.fingerprints(self._catalogue.settings)
        in_force = fingerprints.adopted(json.loads(info.settings) if info and info.settings else wanted, wanted)
        self._store.service.adopted(now, json.dumps(in_force), scheduling=self._catalogue.starts_scheduled)
        return fingerprints.differing(in_force, wanted)

    def _take_into_force(self, now: int) -> ReloadFigures:
        """Whatever is wrong with the file, or with storing what it says, is a reason to refuse it, never to stop."""
        before = self._catalogue.configuration
        try:
            configuration = load(Path(before.path), now, look_around=True).configuration
            with self._store.part():
                taken = take_into_force(self._store, configuration, now)
                self._before = before
                self._catalogue.adopt(configuration)
            self._news.foreign = True  # to the steps that follow
            return taken
        except JobctlError:
            self.rolled_back()
            raise
        except Exception as problem:
            self.rolled_back()
            self._journal.exception("jobs file cannot be taken into force")
            raise JobsFileError(f"the jobs file cannot be taken into force: {problem!r}") from problem

    def committed(self) -> None:
        if self._refused:
            self._refused = self._wanted = False
        if self._before is not None:
            self._before, self._wanted = None, False
            self._manager.ready(self._around.status_words)

    def rolled_back(self) -> None:
        self._refused = False
        if self._before is not None:
            self._catalogue.adopt(self._before)
            self._before = None


def take_into_force(store: Store, configuration: Configuration, now: int) -> ReloadFigures:
    """Write the definitions and what changed about them; belongs into the caller's transaction. Returns what that
    means to those who edited the file."""
    stored = store.jobs.digests()
    changed = change(stored, definitions_of(configuration.jobs.values()), stamps_of(configuration))
    store.jobs.apply(changed, now)
    return figures(stored, changed)
