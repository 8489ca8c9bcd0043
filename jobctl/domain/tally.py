"""What many runs amount to: counts, sums, and a histogram of durations from which percentiles are read.

Tallies of spans of time can be added up, so a million runs are told from a few hundred of them. A duration is kept as
the number of its bucket; buckets grow by 2 %, so a percentile is within 1 % of the true one, whatever its size.
"""

from __future__ import annotations

import enum
import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    WEEK = 604_800_000
    FOUR_WEEKS = 2_419_200_000

    def start_of(self, at: int) -> int:
        """When the span began that the instant lies in: hours and days are those of UTC, weeks begin on Thursdays as
        the epoch did. A span is made of whole ones of the next shorter kind."""
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
        return self.succeeded + self.failed + self.timed_out + self.lost

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
        rank, is_high = math.ceil(share * self.measured), share > 0.5
        left = self.measured - rank + 1 if is_high else rank  # counted from the nearer end
        for bucket in sorted(self.durations, reverse=is_high):
            left -= self.durations[bucket]
            if left <= 0:
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
        self.retries += max(0, run.attempt - run.first_attempt)  # those before a retry by hand are counted already
        wait = run.wait or 0  # unknown only after a retry by hand, which mostly starts at once
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
        self.succeeded += other.succeeded
        self.failed += other.failed
        self.timed_out += other.timed_out
        self.lost += other.lost
        self.cancelled += other.cancelled
        self.skipped += other.skipped
        self.missed += other.missed
        self.retries += other.retries
        self.started += other.started
        self.wait_ms += other.wait_ms
        self.max_wait_ms = max(self.max_wait_ms, other.max_wait_ms)
        self.duration_ms += other.duration_ms
        self.max_duration_ms = max(self.max_duration_ms, other.max_duration_ms)
        self.cpu_ms += other.cpu_ms
        self.max_rss_bytes = max(self.max_rss_bytes, other.max_rss_bytes)
        self.read_bytes = _known(self.read_bytes, other.read_bytes)
        self.written_bytes = _known(self.written_bytes, other.written_bytes)
        for mine, theirs in ((self.durations, other.durations), (self.waits, other.waits)):
            for bucket, runs in theirs.items():
                _put(mine, bucket, runs)


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them in one."""
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def to_text(durations: Mapping[int, int]) -> str:
    """A histogram as it is stored: `340:2 351:1`, by bucket."""
    return " ".join(f"{bucket}:{runs}" for bucket, runs in sorted(durations.items()))


def from_texts(texts: Iterable[str]) -> Iterator[dict[int, int]]:
    """The histogram of each text that `to_text` made; several in one text, one after the other, are added up. In a
    third of the time that each alone would take: most of their parts are equal, and each is understood once."""
    part = _Parts().__getitem__
    for text in texts:
        found: dict[int, int] = {}
        for bucket, runs in map(part, text.split()):
            found[bucket] = found.get(bucket, 0) + runs
        yield found


class _Parts(dict[str, tuple[int, int]]):
    """Bucket and runs of each `bucket:runs` that was asked for."""

    def __missing__(self, part: str) -> tuple[int, int]:
        bucket, _, runs = part.partition(":")
        found = self[part] = int(bucket), int(runs)
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


@cache
def _middle_of(bucket: int) -> float:
    return 0.0 if bucket < 0 else math.exp(bucket * _GROWTH)
