"""What the pool tells the daemon about its keepers."""

from __future__ import annotations

from dataclasses import dataclass

from jobctl.domain.outcome import AttemptEnd


@dataclass(frozen=True, slots=True)
class Started:
    """The job of this attempt runs. May come together with its Ended."""

    token: bytes
    pid: int
    keeper: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt ended, and its END record is durable."""

    end: AttemptEnd
    keeper: str


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The machine had no process, descriptor or space for the job: nothing was executed, the attempt does not count."""

    token: bytes
    reason: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Died:
    """The keeper is gone and left no END of this attempt: ask `recovery_view.inspect` what that means.

    `token` is None when the keeper was adopted and had not begun anything.
    """

    keeper: str
    token: bytes | None


KeeperReport = Started | Ended | NotStarted | Died
