"""What the store promises about statistics. Apart from the rest, since few verbs count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from jobctl.domain.run import Run
from jobctl.domain.tally import Span, Tally
from jobctl.store.records import Ends


class StatisticsStore(Protocol):
    """What ended runs amount to, kept by hour for weeks and by longer spans for years, also of runs that are not
    kept."""

    def fold(self, limit: int) -> int:
        """Add at most so many ends to the tallies; returns how many, 0 when none is left. Each end counts once."""
        ...

    def totals(self, span: Span, since: int, until: int, jobs: Collection[str] | None = None) -> dict[str, Tally]:
        """By job, what ended in [since, until), at both of which such a span begins; of all jobs or of those named.
        Without the histogram of waits."""
        ...

    def course(self, span: Span, since: int, until: int, jobs: Collection[str]) -> dict[str, dict[int, Tally]]:
        """By job and beginning, the tallies of the spans that begin in [since, until). Without the histogram of
        waits."""
        ...

    def ever(self) -> dict[str, Tally]:
        """By job, everything that was ever folded, also what `forget` has removed."""
        ...

    def hours(self, since: int, until: int, jobs: Collection[str] | None = None) -> list[Ends]:
        """The hours that begin in [since, until) in which something ended, folded or not, of all jobs together or of
        those named: how many runs, skipped, missed and cancelled ones left out. Kept for five weeks."""
        ...

    def minutes(self, since: int) -> list[Ends]:
        """The minutes from then on in which runs ended that had been started, folded or not, of all jobs together; kept
        for six hours before the newest."""
        ...

    def unfolded(self) -> list[Run]:
        """The ended runs that no tally counts yet."""
        ...

    def forget(self, job: str, now: int) -> None:
        """Remove the hours of a job after five weeks and longer spans after two years. `ever` counts them on."""
        ...
