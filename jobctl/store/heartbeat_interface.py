"""The part of the Store that keeps heartbeats; see `interface` for what holds for all of it."""

from __future__ import annotations

from typing import Protocol

from jobctl.domain.heartbeat import Failing, Ping


class HeartbeatStore(Protocol):
    """Pings of jobs that have a heartbeat. The start of an attempt and the end of a run that had one put them here
    themselves, in the same commit; an attempt that never began takes its ping back."""

    def waiting(self, limit: int) -> list[Ping]:
        """Those that are still to be sent, the oldest first."""
        ...

    def of_run(self, run_id: int) -> list[Ping]:
        """Those of one run."""
        ...

    def done(self, ping_id: int) -> None:
        """It was taken, or is given up."""
        ...

    def put_off(self, ping_id: int, due_at: int) -> None:
        """It was not taken: it is tried again at `due_at`."""
        ...

    def works(self, job: str | None) -> bool:
        """The address of a job, or the daemon's own, takes pings. True: it did not before."""
        ...

    def fails(self, job: str | None, error: str, now: int) -> None:
        """It does not; the first time counts."""
        ...

    def failing(self) -> list[Failing]:
        """The addresses that take no pings, the one that fails longest first."""
        ...
