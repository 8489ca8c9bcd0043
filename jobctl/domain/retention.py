"""How long ended runs are kept: the bounds, and which of them a run has passed.

Every ended run belongs to one of two classes. What went as it should or was left undone on purpose (succeeded,
cancelled, skipped) goes by the bound `succeeded`; what somebody may have to look into (failed, timed out, lost, and
missed: it was due and never ran) by `failed`, dead letters among them. Bounds are seconds, instants milliseconds.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobctl.domain.run import FINAL, Status

if TYPE_CHECKING:
    from jobctl.domain.job import JobRetention
    from jobctl.domain.settings import Retention


class Ending(enum.Enum):
    """The class of an ended run; the words are the keys of `[retention]`."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


ENDED_BADLY = frozenset({Status.FAILED, Status.TIMED_OUT, Status.LOST, Status.MISSED})


def ending_of(status: Status) -> Ending:
    """The class of a final status."""
    return Ending.FAILED if status in ENDED_BADLY else Ending.SUCCEEDED


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the runs of a job are kept, and how many ended ones at most; None: no such bound."""

    succeeded: float | None = None
    failed: float | None = None
    max_runs: int | None = None

    def age(self, status: Status) -> float | None:
        """How long a run that ended so is kept."""
        return self.failed if status in ENDED_BADLY else self.succeeded


@dataclass(frozen=True, slots=True)
class Policy:
    """All bounds in force. `general` holds for every job, also those no longer defined, that is not in `of_job`."""

    general: Bounds
    of_job: Mapping[str, Bounds] = field(default_factory=dict)
    max_log_bytes: int | None = None

    def bounds(self, job: str) -> Bounds:
        return self.of_job.get(job, self.general)

    def outlived(self, job: str, status: Status, finished_at: int, now: int) -> bool:
        """Whether an ended run has passed the bound on its age."""
        age = self.bounds(job).age(status)
        return age is not None and now - finished_at > 1000 * age

    def shortest_age(self, jobs: Collection[str] | None = None) -> float | None:
        """The age that no run must reach for nothing to be outlived; None when no run grows too old."""
        chosen = [self.general, *self.of_job.values()] if jobs is None else [self.bounds(job) for job in jobs]
        ages = [age for bounds in chosen for age in (bounds.succeeded, bounds.failed) if age is not None]
        return min(ages, default=None)

    def fewest_runs(self) -> int | None:
        """The smallest number of ended runs that any job may have; None when no number is bounded."""
        counts = [bounds.max_runs for bounds in (self.general, *self.of_job.values()) if bounds.max_runs is not None]
        return min(counts, default=None)


def policy_of(retention: Retention, of_jobs: Mapping[str, JobRetention]) -> Policy:
    """The bounds that the jobs file sets: `[retention]`, and what single jobs say instead of it."""
    general = Bounds(retention.succeeded, retention.failed, retention.max_runs_per_job)
    of_job = {name: _merged(own, general) for name, own in of_jobs.items()}
    return Policy(general, of_job, retention.max_log_bytes)


def older_than(seconds: float) -> Policy:
    """Everything that ended longer ago than that goes, and nothing else."""
    return Policy(Bounds(succeeded=seconds, failed=seconds))


def _merged(own: JobRetention, general: Bounds) -> Bounds:
    return Bounds(
        general.succeeded if own.succeeded is None else own.succeeded,
        general.failed if own.failed is None else own.failed,
        general.max_runs if own.max_runs is None else own.max_runs,
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """Which runs may go at all. None does not restrict."""

    jobs: frozenset[str] | None = None
    statuses: frozenset[Status] = FINAL

    @property
    def is_everything(self) -> bool:
        return self.jobs is None and self.statuses == FINAL


EVERYTHING = Scope()
