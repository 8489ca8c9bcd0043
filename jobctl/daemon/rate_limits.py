"""The rate limits of queues: which queues may start nothing for a moment, and until when."""

from __future__ import annotations

from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.rate_limit import Bucket, RateLimit, carried_over, next_start_at, take
from jobctl.domain.settings import Configuration


class RateLimits:
    """What one tick knows of the buckets. Each tick reads them anew: a withdrawn start gives its token back."""

    def __init__(self, around: Surroundings) -> None:
        self._rates = around.store.rates
        self._catalogue = around.catalogue
        self._configuration: Configuration | None = None
        self._limits: dict[str, RateLimit] = {}
        self._buckets: dict[str, Bucket] = {}

    def look(self, now: int) -> set[str]:
        """The queues without a token. What the clock or a reload changed about their buckets is stored."""
        if self._configuration is not self._catalogue.configuration:
            self._configuration = self._catalogue.configuration
            queues = self._configuration.settings.queues
            self._limits = {name: queue.rate for name, queue in queues.items() if queue.rate is not None}
        if not self._limits:
            return set()
        self._buckets = {}
        stored = self._rates.buckets()
        for name, limit in self._limits.items():
            bucket = self._buckets[name] = carried_over(stored.get(name), limit, now)
            if name in stored and bucket != stored[name]:
                self._rates.keep(name, bucket)
        return {name for name in self._limits if self._is_empty(name, now)}

    def reached(self, queue: str, now: int) -> RateLimit | None:
        """The limit of a queue that had no token at the last look, and has none yet."""
        limit = self._limits.get(queue)
        return limit if limit is not None and queue in self._buckets and self._is_empty(queue, now) else None

    def take(self, queue: str, now: int) -> bool:
        """Take the token of a start, in the transaction of its claim. True: the queue has no other."""
        limit = self._limits.get(queue)
        if limit is None:
            return False
        self._buckets[queue] = take(self._buckets[queue], limit, now)
        self._rates.keep(queue, self._buckets[queue])
        return self._is_empty(queue, now)

    def next_at(self, now: int) -> int | None:
        """When the first of the empty buckets has a token again."""
        if not self._limits:
            return None
        instants = (next_start_at(self._buckets[name], limit) for name, limit in self._limits.items())
        return min((at for at in instants if at > now), default=None)

    def _is_empty(self, queue: str, now: int) -> bool:
        return next_start_at(self._buckets[queue], self._limits[queue]) > now
