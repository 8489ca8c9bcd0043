"""From the jobs file to jobs and settings: everything is checked, and every problem is told with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jobctl.config.calendars import read_calendars
from jobctl.config.drafts import Draft, read_drafts
from jobctl.config.file_keys import DAEMON, MONITOR, RETENTION
from jobctl.config.file_rules import check_chains, check_channels
from jobctl.config.gather import Gathered, gather
from jobctl.config.job_rules import check_command, check_params, check_triggers, resolve_calendars, resolve_instant
from jobctl.config.lint import warn_of_doubts
from jobctl.config.machine_lint import warn_of_queues, warn_of_what_is_missing
from jobctl.config.safety import shown
from jobctl.config.schedules import check_schedules
from jobctl.config.system_zone import system_zone
from jobctl.domain.settings import ChannelSettings, Configuration, Settings, scheduling_is_off
from jobctl.errors import JobsFileError, Problem, Severity

__all__ = ["JobsFileError", "Loaded", "Problem", "Severity", "load"]

_INHERITED = ("timezone", "grace")  # keys of [daemon] that are defaults of every job

_HINT = "mend the file, then look at it again with `jobctl check`"


@dataclass(frozen=True)
class Loaded:
    """A configuration that can be used, and what it was read from."""

    configuration: Configuration
    gathered: Gathered

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What is doubtful about it. Their places are looked for here: a daemon counts them and loads twice as fast."""
        return tuple(_problems(self.gathered))


def load(
    path: Path, now: int, *, look_around: bool = False, instead: Mapping[str, str] | None = None,
    doubts_beside_errors: bool = False, starters: Mapping[str, str] | None = None,
) -> Loaded:  # fmt: skip
    """Read the jobs file at `path` and all that it includes. `now` is in milliseconds; only warnings depend on it.

    With `look_around` what jobs name and the machine does not have is doubted, too; `starters` is the environment of
    the living daemon then, where there is one to be read. `instead` has texts of files, by real path, that are to be
    read as if they stood there.
    Raises JobsFileError with every error found, sorted by file and place, and with `doubts_beside_errors` those of the
    jobs without one.
    """
    gathered = gather(path, instead)
    zone = system_zone()
    settings = _read_settings(gathered)
    drafts = _read_jobs(gathered, settings, zone)
    if _has_errors(gathered):
        if doubts_beside_errors:
            _doubt([draft for draft in drafts if draft.is_sound], settings, zone, now)
        raise _error(gathered, with_doubts=doubts_beside_errors)
    jobs = {draft.name: draft.build() for draft in drafts}
    _doubt(drafts, settings, zone, now)
    if not settings.enabled:
        gathered.main.warn(("daemon", "enabled"), scheduling_is_off(in_file=True), "every job waits for a person")
    if look_around:
        warn_of_what_is_missing(drafts, starters)
    configuration = Configuration(str(path), tuple(gathered.stamps), settings, jobs, _count(gathered))
    return Loaded(configuration, gathered)


def _read_settings(gathered: Gathered) -> Settings:
    severity = gathered.read_table("severity")
    channels = gathered.read_entries("channels")
    settings = DAEMON.build(
        gathered.read_table("daemon"),
        retention=RETENTION.build(gathered.read_table("retention")),
        queues=gathered.read_entries("queues"),
        channels={name: _channel(name, keys) for name, keys in channels.items()},
        severity=severity,
        monitor=MONITOR.build(gathered.read_table("monitor")),
    )
    assert isinstance(settings, Settings)
    return settings


def _channel(name: str, keys: dict[str, Any]) -> ChannelSettings:
    return ChannelSettings(name, keys["type"], {key: value for key, value in keys.items() if key != "type"})


def _read_jobs(gathered: Gathered, settings: Settings, zone: str) -> list[Draft]:
    daemon = gathered.main.tables.get("daemon")
    given = daemon if isinstance(daemon, dict) else {}
    inherited = {key: getattr(settings, key) for key in _INHERITED if key in given}
    drafts = read_drafts(gathered, inherited)
    calendars = read_calendars(gathered)
    for draft in drafts:
        check_command(draft)
        check_triggers(draft)
        if "params" in draft.keys:
            check_params(draft)
        if "at" in draft.keys:
            resolve_instant(draft, zone)
        if "calendar_exclude" in draft.keys:
            resolve_calendars(draft, calendars)
    check_schedules(drafts, zone)
    check_chains(drafts)
    check_channels(gathered, drafts)
    return drafts


def _has_errors(gathered: Gathered) -> bool:
    found = (finding.severity for document in gathered.documents for finding in document.findings)
    return bool(gathered.problems) or Severity.ERROR in found


def _problems(gathered: Gathered) -> list[Problem]:
    """All problems: those of the main file first, then file by file, each in the order of its text."""
    problems = [problem for document in gathered.documents for problem in document.problems()]
    main = shown(gathered.main.path)
    return sorted(
        problems + gathered.problems,
        key=lambda problem: (problem.file != main, problem.file, problem.line, problem.column),
    )


def _count(gathered: Gathered) -> int:
    """How many problems there are."""
    return len(gathered.problems) + sum(len(document.distinct_findings) for document in gathered.documents)


def _doubt(drafts: list[Draft], settings: Settings, zone: str, now: int) -> None:
    warn_of_doubts(drafts, zone, now)
    warn_of_queues(drafts, settings.queues)


def _error(gathered: Gathered, *, with_doubts: bool) -> JobsFileError:
    problems = _problems(gathered)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    message = "\n".join(str(problem) for problem in errors)
    return JobsFileError(message, _HINT, tuple(problems) if with_doubts else errors)
