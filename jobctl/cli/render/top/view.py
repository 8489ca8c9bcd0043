"""What a person has set: the order, the filter, the chosen run; and what that makes of a snapshot."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.operations.running_attempts import RunningAttempt
from jobctl.operations.top import Snapshot
from jobctl.store.records import MissedStarts


class Sort(enum.Enum):
    """What running attempts are sorted by, the most of it first."""

    CPU = "cpu"
    MEMORY = "mem"
    TIME = "time"

    def next(self) -> Sort:
        """The one that the key `s` goes on to."""
        all_of = list(Sort)
        return all_of[(all_of.index(self) + 1) % len(all_of)]


@dataclass(frozen=True, slots=True)
class View:
    """`needle` filters by names of jobs and ids of runs; `first` is the first running attempt on the screen. `prompt`
    is what stands in the last line instead of the keys, `is_alarming` when it is an error or a question."""

    sort: Sort = Sort.CPU
    needle: str = ""
    chosen: int | None = None
    first: int = 0
    is_frozen: bool = False
    prompt: str = ""
    is_alarming: bool = False
    ascii_only: bool = False


_KEYS: dict[Sort, Callable[[RunningAttempt], float]] = {
    Sort.CPU: lambda one: one.cpu_percent or 0.0,
    Sort.MEMORY: lambda one: one.rss_bytes or 0,
    Sort.TIME: lambda one: one.elapsed,
}


def arranged(snapshot: Snapshot, view: View) -> list[RunningAttempt]:
    """The running attempts that pass the filter, in their order; what is equal keeps its place."""
    key = _KEYS[view.sort]
    found = [one for one in snapshot.running if passes(one.run, view.needle)]
    return sorted(found, key=lambda one: (-key(one), one.run.id))


def failed(snapshot: Snapshot, view: View) -> list[Run]:
    """The latest failures that pass the filter."""
    return [run for run in snapshot.stored.failed if passes(run, view.needle)]


def missed(snapshot: Snapshot, view: View) -> list[MissedStarts]:
    """The jobs that have missed their last starts and pass the filter."""
    return [one for one in snapshot.stored.missed if view.needle.lower() in one.job.lower()]


def passes(run: Run, needle: str) -> bool:
    """Whether the filter lets the run through."""
    return not needle or needle.lower() in run.job.lower() or to_text(run.id).startswith(needle.lower())


def scrolled(first: int, place: int | None, count: int, rows: int) -> int:
    """The first row to show, so that the chosen one is on the screen and no room is wasted."""
    if place is not None:
        first = min(first, place) if place < first else max(first, place - rows + 1)
    return max(0, min(first, count - rows))


def place_of(runs: Sequence[Run], chosen: int | None) -> int | None:
    """Where the chosen run stands; None: it is not among them."""
    return next((place for place, run in enumerate(runs) if run.id == chosen), None)
