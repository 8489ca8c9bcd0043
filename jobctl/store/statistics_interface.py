"""What the store promises about statistics. Apart from the rest, since few verbs count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from jobctl.domain.run import Run
from jobctl.domain.tally import Span, Tally
from jobctl.store.records import Minute


class StatisticsStore(Protocol):
    """What ended runs amount to, kept by hour for weeks and by day for years, also of runs that are not kept."""

    def fold(self, limit: int) -> int:
        """Add at most so many ends to the tallies; returns how many, 0 when none is left. Each end counts once."""
        ...

    def totals(self, span: Span, since: int, until: int, jobs: Collection[str] | None = None) -> dict[str, Tally]:
        """By job, what the spans that begin in [since, until) amount to; of all jobs or of those named."""
        ...

    def course(self, span: Span, since: int, until: int, job: str | None = None) -> dict[int, Tally]:
        """By their beginning, the tallies of these spans; of one job or of all together."""
        ...

    def ever(self) -> dict[str, Tally]:
        """By job, everything that was ever folded, also what `forget` has removed."""
        ...

    def minutes(self, since: int) -> list[Minute]:
        """The minutes from then on in which runs ended that had been started, of all jobs together; kept for six hours
        before the newest."""
        ...

    def unfolded(self) -> list[Run]:
        """The ended runs that no tally counts yet."""
        ...

    def forget(self, job: str, now: int) -> None:
        """Remove the hours of a job after five weeks and its days after two years, which `ever` goes on counting."""
        ...
