"""What a slice of ended runs adds to the tallies: by job and span, by hour and by minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from jobctl.domain.run import DEAD, Run
from jobctl.domain.tally import Span, Tally, total
from jobctl.store.records import Ends

_MINUTE_MS = 60_000
Place = tuple[str, Span, int]
"""A job, and a span with its beginning."""


def tallies_of(ended: Iterable[Run]) -> dict[Place, Tally]:
    """The hours count the runs, and each longer span the next shorter ones. Spans that hold the same share a tally."""
    shorter: dict[tuple[str, int], Tally] = defaultdict(Tally)
    for run in ended:
        shorter[run.job, Span.HOUR.start_of(run.finished_at or 0)].count(run)
    found: dict[Place, Tally] = {}
    for span in Span:
        parts: dict[tuple[str, int], list[Tally]] = defaultdict(list)
        for (job, start), tally in shorter.items():
            parts[job, span.start_of(start)].append(tally)
        shorter = {key: some[0] if len(some) == 1 else total(some) for key, some in parts.items()}
        found.update(((job, span, start), tally) for (job, start), tally in shorter.items())
    return found


def hours_of(tallies: Mapping[Place, Tally]) -> list[Ends]:
    """All jobs together."""
    all_of: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for (_, span, start), tally in tallies.items():
        if span is Span.HOUR:
            all_of[start] += tally.finished
            bad[start] += tally.bad
    return [Ends(start, count, bad[start]) for start, count in all_of.items()]


def minutes_of(ended: Sequence[Run]) -> list[Ends]:
    """All jobs together; runs that had been started."""
    all_of: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for run in ended:
        if run.started_at is not None and run.finished_at is not None:
            start = run.finished_at - run.finished_at % _MINUTE_MS
            all_of[start] += 1
            bad[start] += run.status in DEAD
    return [Ends(start, count, bad[start]) for start, count in all_of.items()]
