"""What many runs amount to: counts, sums, and a histogram of durations from which percentiles are read.

Tallies of spans of time can be added up, so a million runs are told from a few hundred of them. A duration is kept as
the number of its bucket; buckets grow by 2 %, so a percentile is within 1 % of the true one, whatever its size.
"""

from __future__ import annotations

import enum
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

from jobctl.domain.run import Run, Status

_GROWTH = math.log(1.02)
_MEASURED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT})  # the others were cut short from outside


class Span(enum.IntEnum):
    """What one tally covers, in milliseconds. The numbers are stored; they never change."""

    HOUR = 3_600_000
    DAY = 86_400_000

    def start_of(self, at: int) -> int:
        """When the span began that the instant lies in: hours and days are those of UTC."""
        return at - at % self.value


@dataclass(slots=True)
class Tally:
    """The runs that ended within one span of time. Durations and CPU time in milliseconds, the rest in bytes."""

    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    lost: int = 0
    cancelled: int = 0
    skipped: int = 0
    missed: int = 0
    retries: int = 0  # attempts beyond the first
    started: int = 0  # runs that had an attempt
    wait_ms: int = 0
    max_wait_ms: int = 0
    duration_ms: int = 0
    max_duration_ms: int = 0
    cpu_ms: int = 0
    max_rss_bytes: int = 0
    read_bytes: int | None = None  # from storage; None: known of none of the runs
    written_bytes: int | None = None
    durations: dict[int, int] = field(default_factory=dict)  # runs by bucket
    waits: dict[int, int] = field(default_factory=dict)  # the same of the time from due to started

    @property
    def finished(self) -> int:
        """Runs whose end says something about the job."""
        return self.succeeded + self.bad

    @property
    def bad(self) -> int:
        return self.failed + self.timed_out + self.lost

    @property
    def measured(self) -> int:
        """Runs whose duration counts."""
        return self.succeeded + self.failed + self.timed_out

    @property
    def success_rate(self) -> float | None:
        """Between 0 and 1; None without a finished run."""
        return self.succeeded / self.finished if self.finished else None

    def percentile(self, share: float) -> float | None:
        """The duration in milliseconds that this share of the runs did not exceed (nearest rank); None without any."""
        rank = math.ceil(share * self.measured)
        for bucket in sorted(self.durations):
            rank -= self.durations[bucket]
            if rank <= 0:
                return min(_middle_of(bucket), self.max_duration_ms)
        return None

    def within(self, bounds_ms: Sequence[int]) -> list[int]:
        """How many runs took at most as long as each of the bounds, which rise. A run within 1 % of a bound may count
        on either side of it."""
        return _within(self.durations, bounds_ms)

    def waited_within(self, bounds_ms: Sequence[int]) -> list[int]:
        """The same of the time from due to started."""
        return _within(self.waits, bounds_ms)

    def count(self, run: Run) -> None:
        """Add a run that has ended."""
        name = run.status.word
        setattr(self, name, getattr(self, name) + 1)
        if run.started_at is None or run.finished_at is None:
            return
        self.started += 1
        self.retries += max(0, run.attempt - 1)
        wait = run.wait or 0
        self.wait_ms += wait
        self.max_wait_ms = max(self.max_wait_ms, wait)
        _put(self.waits, _bucket_of(wait), 1)
        self.cpu_ms += round(1000 * (run.cpu_seconds or 0))
        self.max_rss_bytes = max(self.max_rss_bytes, run.max_rss_bytes or 0)
        self.read_bytes = _known(self.read_bytes, run.read_bytes)
        self.written_bytes = _known(self.written_bytes, run.written_bytes)
        if run.status in _MEASURED:
            duration = max(0, run.finished_at - run.started_at)
            self.duration_ms += duration
            self.max_duration_ms = max(self.max_duration_ms, duration)
            _put(self.durations, _bucket_of(duration), 1)

    def add(self, other: Tally) -> None:
        """Add the runs of another span."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _PEAKS:
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.read_bytes = _known(self.read_bytes, other.read_bytes)
        self.written_bytes = _known(self.written_bytes, other.written_bytes)
        for mine, theirs in ((self.durations, other.durations), (self.waits, other.waits)):
            for bucket, runs in theirs.items():
                _put(mine, bucket, runs)


_PEAKS = ("max_wait_ms", "max_duration_ms", "max_rss_bytes")
_SUMS = (
    "succeeded", "failed", "timed_out", "lost", "cancelled", "skipped", "missed", "retries", "started", "wait_ms",
    "duration_ms", "cpu_ms",
)  # fmt: skip


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them in one."""
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def to_text(durations: Mapping[int, int]) -> str:
    """A histogram as it is stored: `340:2 351:1`, by bucket."""
    return " ".join(f"{bucket}:{runs}" for bucket, runs in sorted(durations.items()))


def from_text(text: str) -> dict[int, int]:
    """What `to_text` made a text of; several of them, one after the other, are added up."""
    found: dict[int, int] = {}
    for part in text.split():
        bucket, _, runs = part.partition(":")
        _put(found, int(bucket), int(runs))
    return found


def _known(one: int | None, other: int | None) -> int | None:
    """The sum of what is known of the two."""
    return one if other is None else (one or 0) + other


def _put(histogram: dict[int, int], bucket: int, runs: int) -> None:
    histogram[bucket] = histogram.get(bucket, 0) + runs


def _within(histogram: Mapping[int, int], bounds_ms: Sequence[int]) -> list[int]:
    limits = _limits(tuple(bounds_ms))
    found = [0] * (len(limits) + 1)
    for bucket, runs in histogram.items():
        found[bisect_left(limits, bucket)] += runs
    return list(accumulate(found[:-1]))


def _bucket_of(duration_ms: int) -> int:
    return round(math.log(duration_ms) / _GROWTH) if duration_ms > 0 else -1


@cache
def _limits(bounds_ms: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(_bucket_of, bounds_ms))


def _middle_of(bucket: int) -> float:
    return 0.0 if bucket < 0 else math.exp(bucket * _GROWTH)
