"""What the pool tells the daemon about its keepers."""

from typing import NamedTuple

from jobctl.domain.outcome import AttemptEnd
from jobctl.process.record import Record


class Started(NamedTuple):
    """The job of this attempt runs. One that ends at once is only said to have ended."""

    token: bytes
    pid: int
    keeper: str


class Ended(NamedTuple):
    """The attempt ended, and its END record is durable."""

    end: AttemptEnd
    keeper: str


class NotStarted(NamedTuple):
    """The machine had no process, descriptor or space for the job: nothing was executed, the attempt does not count."""

    token: bytes
    reason: str
    keeper: str


class Died(NamedTuple):
    """The keeper is gone and left no END of this attempt: ask `recovery_view.inspect` what that means.

    `token` is None when the keeper was adopted and had not begun anything.
    """

    keeper: str
    token: bytes | None


KeeperReport = Started | Ended | NotStarted | Died


def ended(keeper: str, end: AttemptEnd, *, not_started: bool) -> KeeperReport:
    """The report of an END."""
    return NotStarted(end.token, end.error or "", keeper) if not_started else Ended(end, keeper)


def last_word(keeper: str, token: bytes | None, found: Record) -> KeeperReport:
    """What the record of a keeper that is gone says about this attempt."""
    if found.end is not None and found.end.token == token:
        return ended(keeper, found.end, not_started=found.not_started)
    return Died(keeper, token)
