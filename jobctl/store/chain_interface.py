"""The part of the Store that is about chains: what the ends of runs start (see domain.chain, store.succession)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jobctl.domain.run import NewRun, Run, RunEnd


class ChainStore(Protocol):
    """What the ends of runs start. Each final end of a run after an attempt, of a job that others come after, is kept
    with it until `take_ends`, however it came about."""

    def has_ends(self) -> bool:
        """Whether there are ends that nobody has taken; costs next to nothing."""
        ...

    def take_ends(self, limit: int) -> list[RunEnd]:
        """Such ends, the oldest first. Belongs into one transaction with what they start: they come no second time."""
        ...

    def followers(self, job: str) -> list[str]:
        """The jobs that are defined to come after this one, by name."""
        ...

    def arrivals(self, child: str) -> dict[str, RunEnd]:
        """The ends that a job already has and that wait for those of its other parents, by the parent's name."""
        ...

    def arrive(self, child: str, end: RunEnd) -> None:
        """Keep an end for a job, instead of the older one of the same parent."""
        ...

    def start(self, run: NewRun, parents: Sequence[RunEnd]) -> int | None:
        """Make the run that these ends start, the newest first; they wait no more. None, and nothing is made: one of
        them has started a run of this job already."""
        ...

    def parents(self, run_id: int) -> list[RunEnd]:
        """The ends that started a run, the newest first."""
        ...

    def children(self, run_id: int, limit: int) -> list[Run]:
        """The runs that the ends of a run have started, oldest first."""
        ...
