"""The part of the Store that is about jobs, as last loaded and by state (what holds of all parts: `interface.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from jobctl.domain.definition_records import DefinitionChange, DefinitionDigest, StoredDefinition
from jobctl.store.records import JobLabels, JobListing, JobRow, JobTiming, JobVersion, MissedStarts, RemovedJob


class JobStore(Protocol):
    """Definitions as last loaded, and the state that belongs to a job rather than to a run."""

    def definitions(self) -> dict[str, StoredDefinition]:
        """Every job that is defined now."""
        ...

    def digests(self) -> dict[str, DefinitionDigest]:
        """The same without what they say: ten thousand definitions are ten megabytes."""
        ...

    def apply(self, change: DefinitionChange, now: int) -> None:
        """Replace the definitions. The watermark of rescheduled jobs becomes `now`; waiting runs that removed jobs
        made by themselves become `cancelled` with that reason; a removed job keeps its runs and its name. Ends that
        wait for those of other parents are forgotten where the job is off or does not come after them any more.
        JobsFileError names the definition that the store does not take; nothing has changed then."""
        ...

    def files(self) -> dict[str, str]:
        """The stamps of the files that the definitions were read from."""
        ...

    def definition(self, name: str) -> str | None:
        """The resolved definition as JSON."""
        ...

    def version_at(self, name: str, at: int) -> JobVersion:
        """What the job was at an instant, with when that began and ended."""
        ...

    def retry_policy_of(self, run_id: int, attempt: int) -> str | None:
        """The definition (JSON) that was in force when the attempt was begun."""
        ...

    def generation(self) -> int:
        """A number that rises whenever `apply`, `enable` or `disable` changes what the scheduler should do."""
        ...

    def timings(self) -> list[JobTiming]:
        """The scheduler's view of every defined job."""
        ...

    def decided(self, name: str, watermark: int, next_at: int | None) -> None:
        """Slots up to `watermark` are decided; belongs into one transaction with the runs they became."""
        ...

    def plan_next(self, next_at: Mapping[str, int | None]) -> None:
        """Set when the given jobs start next, for those who look."""
        ...

    def rows(self, names: Collection[str] | None = None) -> list[JobRow]:
        """Listing of all defined jobs, or of those named; by name."""
        ...

    def labels(self) -> list[JobLabels]:
        """What the defined jobs are chosen by, by name."""
        ...

    def listing(self, names: Collection[str] | None = None, *, failing_first: bool = False) -> JobListing:
        """What a table of jobs shows, of all or of those named, by name; with `failing_first` those on top that fail
        or miss their starts, the longest first."""
        ...

    def removed(self, name: str) -> RemovedJob | None:
        """A job that was defined once and is not any more, or never and has runs; they are kept as long as others."""
        ...

    def names(self) -> list[str]:
        """Names of all defined jobs, sorted."""
        ...

    def count(self) -> int:
        """How many jobs are defined."""
        ...

    def last_successes(self) -> dict[str, int]:
        """When a run of each defined job last succeeded; jobs that never did are not in it."""
        ...

    def tried(self) -> dict[str, bool]:
        """Which names have had a run, and whether one of their runs ever succeeded, by name: of jobs that are defined
        and enabled, and of those that never were in a jobs file and have runs of `exec`."""
        ...

    def soonest(self, limit: int) -> list[JobRow]:
        """The jobs that start next by themselves, by `next_at`; costs the same however many jobs there are."""
        ...

    def missed(self, name: str, count: int, since: int) -> None:
        """Count starts of the job that were due and that nobody ordered to be held, the first of them at `since`: in a
        row with those before, unless a run of it has begun. What was counted is forgotten when a run begins, when the
        job is enabled again, and when its schedule changes."""
        ...

    def missed_in_a_row(self, least: int = 1) -> list[MissedStarts]:
        """The jobs that have missed so many starts in a row or more, and are enabled; the one that has waited longest
        first. Reads an entry for each job."""
        ...

    def enable(self, name: str, actor: str, now: int) -> bool:
        """Undo `disable`; False when it was not disabled. The watermark becomes `now`: nothing is caught up."""
        ...

    def over(self, now: int) -> list[str]:
        """The jobs that are disabled until an instant that has come: what `end_disabled` is for."""
        ...

    def end_disabled(self, name: str, now: int) -> bool:
        """As `enable` at the instant until which the job is disabled, if it has come: a slot at that instant is not
        passed over, and the trail names that instant. False: it is not disabled so, or not any more."""
        ...

    def disable(self, name: str, actor: str, now: int, until: int | None, reason: str | None) -> bool:
        """Keep the job from starting by itself until enabled or until the instant; ends that wait for those of its
        other parents are forgotten. False: no such job."""
        ...
