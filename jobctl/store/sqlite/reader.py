"""One connection to the database, and what can be asked of it at any time; errors in jobctl's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from jobctl.store.sqlite.connection import connect
from jobctl.store.sqlite.failures import explain

Parameters = Any  # what sqlite3 binds: a sequence or a mapping
Row = tuple[Any, ...]


class Reader:
    """Reads, which need no lock. Not for several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect(path)

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row of a read."""
        try:
            rows = self._connection.execute(sql, parameters)
            row: Row | None = rows.fetchone()
            rows.close()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        return row

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a read."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """The rows of a read one by one, for readers that stop early."""
        try:
            with closing(self._connection.execute(sql, parameters)) as rows:
                yield from rows
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def use_no_temporary_files(self) -> None:
        """From here on keep in memory what SQLite would put into /var/tmp or /tmp: a full disk there, which is another
        one than that of the database, keeps nothing from being read or written. Before any transaction.

        It is little: what is sorted and read as a whole anyway, and the pages that a statement for a thousand runs may
        have to undo. A migration, which may sort and undo all that there is, comes before."""
        self._reads("PRAGMA temp_store = MEMORY")

    def copy_into(self, target: sqlite3.Connection) -> None:
        """Copy the whole database as it is at this moment; writers go on meanwhile."""
        self._connection.backup(target)

    def _reads(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
