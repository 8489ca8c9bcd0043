"""So many starts per time, kept by a token bucket.

A full bucket holds as many tokens as the limit names. Each start takes one, and they come back one by one, evenly over
the period. After a rest that many runs may start at once; in any stretch of time no more start than a full bucket and
what came back meanwhile.

A bucket is one instant, the one at which it is full again. Waiting needs no bookkeeping then, and nothing is rounded
twice however long it is used.
"""

from __future__ import annotations

from typing import NamedTuple

_US_PER_MS, _US_PER_S = 1_000, 1_000_000
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


class RateLimit(NamedTuple):
    """`starts` in each `period` of seconds. A tuple, as which the settings are compared and written down."""

    starts: int
    period: float

    @property
    def interval_us(self) -> int:
        """Microseconds after which one token is back; rounded up, so that there are never more starts than said."""
        return -(-round(self.period * _US_PER_S) // self.starts)

    @property
    def words(self) -> str:
        """As it stands in the jobs file: `30/m`."""
        letter, seconds = next((letter, seconds) for letter, seconds in _UNITS if self.period % seconds == 0)
        count = round(self.period / seconds)
        return f"{self.starts}/{count if count > 1 else ''}{letter}"


class Bucket(NamedTuple):
    """The tokens of one queue. Microseconds: the instant since the epoch, and what one token was worth at the last
    start."""

    full_at_us: int
    interval_us: int


def carried_over(bucket: Bucket | None, limit: RateLimit, now: int) -> Bucket:
    """The bucket under the limit in force: the same one, unless the limit or the clock changed since it was used.

    Starts of late count under another limit too. An instant that is further ahead than an empty bucket's is no more
    than empty: a clock that was set back holds nothing up for longer than one period. To be kept if it is another
    one, since both are reckoned from `now`.
    """
    if bucket is None:
        return Bucket(0, limit.interval_us)
    missing = bucket.full_at_us - now * _US_PER_MS
    if missing <= 0:
        return bucket
    if bucket.interval_us != limit.interval_us:
        missing = -(-missing * limit.interval_us // bucket.interval_us)
    elif missing <= _capacity_us(limit):
        return bucket
    return Bucket(now * _US_PER_MS + min(missing, _capacity_us(limit)), limit.interval_us)


def next_start_at(bucket: Bucket, limit: RateLimit) -> int:
    """The first instant, in milliseconds, at which the bucket has a token; one that has passed means now."""
    return -(-(bucket.full_at_us + limit.interval_us - _capacity_us(limit)) // _US_PER_MS)


def take(bucket: Bucket, limit: RateLimit, now: int) -> Bucket:
    """The bucket after one start."""
    return Bucket(max(bucket.full_at_us, now * _US_PER_MS) + limit.interval_us, limit.interval_us)


def give_back(bucket: Bucket) -> Bucket:
    """The bucket after a start that never happened."""
    return bucket._replace(full_at_us=bucket.full_at_us - bucket.interval_us)


def _capacity_us(limit: RateLimit) -> int:
    return limit.starts * limit.interval_us
