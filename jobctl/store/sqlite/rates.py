"""What is left of the rate limits of queues, in SQLite."""

from __future__ import annotations

from jobctl.domain.rate_limit import Bucket
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries


class SqliteRateStore:
    """RateStore."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("rates")

    def buckets(self) -> dict[str, Bucket]:
        return {queue: Bucket(*bucket) for queue, *bucket in self._database.all(self._sql["buckets"])}

    def keep(self, queue: str, bucket: Bucket) -> None:
        with self._database:
            self._database.write(self._sql["keep"], (self._catalog.queue_made(queue), *bucket))
