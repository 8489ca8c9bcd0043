"""Which jobs come after which, as the definitions say, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries


class ChainLinks:
    """Kept beside the definitions, in their transaction. Jobs are given by their numbers."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("chains")

    def define(self, parents: Mapping[int, Collection[str]], off: Set[int]) -> None:
        """Each job comes after its parents and no others. What had arrived from others is forgotten, and everything
        where the job is `off`."""
        self._database.write_many(self._sql["unlink"], ((child,) for child in parents))
        links = ((self._catalog.job_made(name), child) for child in parents for name in sorted(set(parents[child])))
        self._database.write_many(self._sql["link"], links)
        waiting = [child for child in parents if parents[child] and child not in off]
        self._database.write_many(self._sql["forget_strangers"], ((child,) for child in waiting))
        self.forget(parents.keys() - waiting)

    def forget(self, children: Collection[int]) -> None:
        """Nothing has arrived at these jobs."""
        self._database.write_many(self._sql["forget_arrivals"], ((child,) for child in children))
