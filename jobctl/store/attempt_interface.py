"""The part of the Store that is about attempts (what holds of all parts: `interface.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jobctl.domain.run import Attempt

if TYPE_CHECKING:
    from jobctl.domain.outcome import AttemptEnd, Conclusion  # with them what a job is, which few verbs need


class AttemptStore(Protocol):
    """Single executions."""

    def begin(self, run_id: int, token: bytes, keeper: str, now: int) -> int | None:
        """Claim a QUEUED run: it becomes RUNNING with a new attempt in STARTING, whose number is returned.
        None: it was not QUEUED any more."""
        ...

    def started(self, run_id: int, number: int, token: bytes, pid: int) -> bool:
        """The process of the attempt with this token is known. False: that is known already, it has ended, or its
        number is another one's by now."""
        ...

    def unsupervised(self, run_id: int, number: int, token: bytes) -> bool:
        """The keeper of the attempt with this token is gone while its processes live. False as for `started`."""
        ...

    def conclude(self, run_id: int, number: int, end: AttemptEnd, conclusion: Conclusion) -> bool:
        """End the attempt and move its run, the job's last run, streak and dead letters with it.
        False: it had been concluded already."""
        ...

    def withdraw(self, run_id: int, number: int, token: bytes, now: int, *, blame: bool = False) -> bool:
        """The attempt with this token never began: its row goes, the run is QUEUED again with its budget untouched
        (CANCELLED if a cancel was asked for), and the bucket of its queue has its token back. `blame`: the daemon
        died while starting it, which is counted. False: it had ended, or its number is another one's by now."""
        ...

    def blamed(self, run_id: int) -> int:
        """How often the daemon died while starting this run."""
        ...

    def unfinished(self) -> list[Attempt]:
        """Attempts that have not ended, oldest first."""
        ...

    def of_run(self, run_id: int) -> list[Attempt]:
        """All attempts of a run in order."""
        ...
