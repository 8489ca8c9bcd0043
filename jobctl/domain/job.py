"""A job: one definition `[jobs.NAME]`, with its defaults resolved. Values only; nothing here acts.

Durations are seconds, sizes bytes. `schedule.py` gives the schedule texts their meaning.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobctl.domain.alert_policy import AlertPolicy
from jobctl.domain.policies import Chain, Limits, Overlap, RetryPolicy


class CatchUp(enum.Enum):
    """What becomes of slots that passed while nobody could start them."""

    NONE = "none"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class FromFile:
    """A secret that is read from a file when an attempt starts."""

    path: str


@dataclass(frozen=True, slots=True)
class FromEnv:
    """A secret that is taken from the daemon's environment when an attempt starts."""

    name: str


EnvValue = str | FromFile | FromEnv


@dataclass(frozen=True, slots=True)
class Triggers:
    """When the job starts by itself. `schedule`, `every`, `every_after` and `at` exclude each other."""

    schedule: tuple[str, ...] = ()
    timezone: str | None = None  # None: the system's zone
    every: int | None = None
    every_after: int | None = None
    at: int | None = None  # slot, seconds since the epoch
    on_start: bool = False
    on_boot: bool = False
    spread: int = 0
    calendar_exclude: frozenset[str] = frozenset()  # resolved local dates, "2026-12-25"


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long a slot stays worth running."""

    catch_up: CatchUp = CatchUp.ONCE
    catch_up_window: int = 86400
    catch_up_limit: int = 10
    start_deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """How an attempt is executed."""

    cwd: str | None = None  # None: the user's home directory
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    env: Mapping[str, EnvValue] = field(default_factory=dict)
    env_file: str | None = None
    user: str | None = None
    group: str | None = None
    umask: int | None = None
    nice: int | None = None
    limits: Limits = Limits()
    timeout: float | None = None
    grace: float = 10.0
    max_log_size: int = 10_000_000
    stdin_params: bool = False
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Param:
    """The type of one key of a payload."""

    type: str  # string | integer | number | boolean | list
    required: bool = False
    default: object = None
    choices: tuple[object, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class WaitForIdle:
    """Hold the start while the host is busy, at the latest until `latest` seconds after due."""

    load_below: float | None = None
    memory_free: int | None = None
    latest: float | None = None


@dataclass(frozen=True, slots=True)
class JobRetention:
    """Bounds on the kept runs of one job; None inherits the file's `[retention]`."""

    succeeded: float | None = None
    failed: float | None = None
    max_runs: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a job is defined."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `command` as a string goes to the shell; as a tuple it is executed as it is."""

    name: str
    command: str | tuple[str, ...]
    source: Source
    description: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    triggers: Triggers = Triggers()
    lateness: Lateness = Lateness()
    priority: int = 5
    queue: str = "default"
    max_concurrent: int = 1
    overlap: Overlap = Overlap.SKIP
    retry: RetryPolicy = RetryPolicy()
    execution: Execution = Execution()
    params: Mapping[str, Param] = field(default_factory=dict)
    chain: Chain = Chain()
    wait_for_idle: WaitForIdle | None = None
    alert: AlertPolicy | None = None
    retention: JobRetention | None = None
    heartbeat: EnvValue | None = None

    @property
    def command_text(self) -> str:
        """The command on one line, as a person would type it."""
        if isinstance(self.command, str):
            return self.command
        return " ".join([part if part and " " not in part else repr(part) for part in self.command])
