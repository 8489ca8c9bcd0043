"""The definitions in force: jobs, settings and compiled schedules. Replaced as a whole by a reload."""

from __future__ import annotations

import os

from jobctl.domain.job import Job
from jobctl.domain.policies import Chain
from jobctl.domain.schedule import Schedule, compile_triggers
from jobctl.domain.settings import Configuration, Settings, default_max_concurrent, scheduling_is_off
from jobctl.errors import UsageError

_NO_CHAIN = Chain()


_YES, _NO = ("", "true", "1", "yes", "on"), ("false", "0", "no", "off")


def _is_enabled_here() -> bool:
    """What JOBCTL_ENABLED says. UsageError where it is neither yes nor no: somebody who wanted quiet must not get
    starts."""
    given = os.environ.get("JOBCTL_ENABLED", "")
    word = given.strip().lower()
    if word not in _YES + _NO:
        raise UsageError(f'JOBCTL_ENABLED="{given}" is neither yes nor no', "set it to true or false, or unset it")
    return word in _YES


class Catalogue:
    """What the daemon was told to do. `system_zone` is the zone of schedules that name none."""

    def __init__(self, configuration: Configuration, system_zone: str) -> None:
        self.system_zone = system_zone
        self._is_enabled_here = _is_enabled_here()
        self.adopt(configuration)

    def adopt(self, configuration: Configuration) -> None:
        """Take a new configuration. Its schedules were compiled once already when it was checked."""
        zone = configuration.settings.timezone or self.system_zone
        self.zone = zone
        self.schedules: dict[str, Schedule | None] = {
            name: compile_triggers(job.triggers, name, zone) for name, job in configuration.jobs.items()
        }
        self.configuration = configuration
        self.settings: Settings = configuration.settings
        # How many attempts may run at once.
        self.max_concurrent: int = self.settings.max_concurrent or default_max_concurrent(os.cpu_count())
        # False: `[daemon] enabled = false`, or JOBCTL_ENABLED says so.
        self.starts_scheduled: bool = self.settings.enabled and self._is_enabled_here
        self.has_chains = any(job.chain != _NO_CHAIN for job in configuration.jobs.values())

    def job(self, name: str) -> Job | None:
        return self.configuration.jobs.get(name)

    @property
    def why_nothing_is_scheduled(self) -> str:
        """Who said so when `starts_scheduled` is false."""
        return scheduling_is_off(in_file=not self.settings.enabled)

    def max_concurrent_in(self, queue: str) -> int | None:
        """How many attempts of a queue may run at once; None: as many as there may be at all."""
        settings = self.settings.queues.get(queue)
        return settings.max_concurrent if settings else None

    def timeout(self, name: str) -> float | None:
        job = self.job(name)
        return job.execution.timeout if job else None

    def grace(self, name: str) -> float:
        job = self.job(name)
        return job.execution.grace if job else self.settings.grace
