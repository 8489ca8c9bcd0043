"""What the jobs file says outside `[jobs]`, with defaults resolved. Durations are seconds, sizes bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobctl.domain.file_stamp import FileStamp as FileStamp
from jobctl.domain.job import FromEnv, FromFile, Job
from jobctl.domain.rate_limit import RateLimit

# The room on the disk that is kept for the records of what already runs: below it nothing starts.
DISK_RESERVE_BYTES = 64_000_000
_ATTEMPTS_PER_CORE = 4


@dataclass(frozen=True, slots=True)
class Retention:
    """How long ended runs are kept; a run goes when any bound is passed. None: no such bound."""

    succeeded: float | None = 30 * 86400.0
    failed: float | None = 90 * 86400.0
    max_runs_per_job: int | None = 10_000
    max_log_bytes: int | None = 2_000_000_000


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Limits of one queue; None: no such limit."""

    max_concurrent: int | None = None
    rate: RateLimit | None = None


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One `[channels.NAME]`; `options` are the keys of its type."""

    name: str
    type: str
    options: Mapping[str, object | FromFile | FromEnv]


@dataclass(frozen=True, slots=True)
class Monitor:
    """Thresholds of host alerts; None: not watched."""

    cpu_above: float | None = None
    memory_above: float | None = None
    disk_free_below: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything of the jobs file that is not a job."""

    timezone: str | None = None
    max_concurrent: int | None = None  # None: see default_max_concurrent
    grace: float = 10.0
    enabled: bool = True
    log_format: str = "text"
    state_dir: str | None = None
    heartbeat: str | FromFile | FromEnv | None = None
    retention: Retention = Retention()
    queues: Mapping[str, QueueSettings] = field(default_factory=dict)
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    severity: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    monitor: Monitor = Monitor()


@dataclass(frozen=True, slots=True)
class Configuration:
    """One consistent reading of the jobs file and all that it includes."""

    path: str
    files: tuple[FileStamp, ...]
    settings: Settings
    jobs: Mapping[str, Job]
    warnings: int = 0  # what `check` finds doubtful


def default_max_concurrent(cores: int | None) -> int:
    """How many attempts run at once where the jobs file does not say."""
    return _ATTEMPTS_PER_CORE * (cores or 1)


def scheduling_is_off(*, in_file: bool) -> str:
    """The sentence for a daemon that starts nothing by itself."""
    return f"scheduling is off ({'[daemon] enabled = false' if in_file else 'JOBCTL_ENABLED=false'})"
