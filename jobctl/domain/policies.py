"""The parts of a job that every run passes at its start or its end. Values only; nothing here acts.

Apart from the rest of `job.py`, which `jobctl exec` does without. Durations are seconds, sizes bytes.
"""

import enum
from typing import NamedTuple


class Overlap(enum.Enum):
    """What becomes of a slot that comes while a run of the job is active."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"
    REPLACE = "replace"


REPLACED_BY = "overlap = replace"  # who stops a run by Overlap.REPLACE, as often as its job starts


class Backoff(enum.Enum):
    """How the wait grows from one attempt to the next."""

    FIXED = "fixed"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


class OnLost(enum.Enum):
    """What becomes of a run whose end cannot be known."""

    REPORT = "report"
    RETRY = "retry"


class RetryPolicy(NamedTuple):
    """When a failed attempt is followed by another. `retries` counts the attempts after the first."""

    retries: int = 0
    delay: float = 30.0
    backoff: Backoff = Backoff.EXPONENTIAL
    max_delay: float = 3600.0
    never_on: frozenset[int] = frozenset()
    success_on: frozenset[int] = frozenset({0})
    on_lost: OnLost = OnLost.REPORT


class Limits(NamedTuple):
    """Kernel limits of an attempt (setrlimit); None leaves the daemon's own."""

    memory: int | None = None
    cpu: int | None = None
    open_files: int | None = None
    processes: int | None = None


class Chain(NamedTuple):
    """The jobs whose runs' ends start this one."""

    after: tuple[str, ...] = ()
    after_failure: tuple[str, ...] = ()
    after_any: tuple[str, ...] = ()


class Bounds(NamedTuple):
    """What a command that something else fires is held to: the part of `Execution` that is not its caller's."""

    limits: Limits = Limits()
    timeout: float | None = None
    grace: float = 10.0
    max_log_size: int = 10_000_000
