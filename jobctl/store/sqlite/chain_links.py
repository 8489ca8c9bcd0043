"""Which jobs come after which, as the definitions say, in SQLite."""

from __future__ import annotations

from collections.abc import Collection

from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries


class ChainLinks:
    """Kept beside the definitions, in their transaction. Jobs are given by their numbers."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("chains")

    def define(self, child: int, parents: Collection[str], *, enabled: bool) -> None:
        """The job comes after these and no others. What had arrived from others is forgotten, and everything where
        the job is off."""
        self._database.write(self._sql["unlink"], (child,))
        links = [(self._catalog.job_made(name), child) for name in sorted(set(parents))]
        if links:
            self._database.write_many(self._sql["link"], links)
        if enabled and links:
            self._database.write(self._sql["forget_strangers"], (child,))
        else:
            self.forget(child)

    def forget(self, child: int) -> None:
        """Nothing has arrived at the job."""
        self._database.write(self._sql["forget_arrivals"], (child,))
