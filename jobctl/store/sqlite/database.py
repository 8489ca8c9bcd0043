"""One connection to the database: reads at any time, writes under the write lock, errors in jobctl's words."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from jobctl.store.sqlite.failures import explain
from jobctl.store.sqlite.reader import Parameters, Reader, Row
from jobctl.store.sqlite.write_lock import WriteLock


class Database(Reader):
    """Entered as a context manager it is the transaction: inner ones join the outer, the lock is taken and BEGIN
    sent at the first write, an exception undoes everything. Not for several threads."""

    def __init__(self, path: Path, lock: WriteLock) -> None:
        super().__init__(path)
        self.on_rollback: Callable[[], None] = lambda: None
        self.commits = 0  # of this connection since its last checkpoint
        self.writes = 0  # changed with whatever this connection writes or undoes
        self.undone = 0  # transactions and parts of them, so far
        self._lock = lock
        self._depth = 0
        self._writing = False
        self._version: int | None = None  # that of the data while we write, and nobody else can
        self._undone = False
        self._only_reads = False
        self._in_part = False
        self._spoilt = False  # the part: something went wrong inside, and it is undone when it is left
        self._locked = _Locked(self)

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Change rows and return how many; the surrounding transaction begins here if it has not yet."""
        try:
            if not self._writing or self._spoilt:
                self.begin()
            self.writes += 1
            return self._connection.execute(sql, parameters).rowcount
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def write_returning(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Change rows and return what the statement says of them."""
        try:
            if not self._writing or self._spoilt:
                self.begin()
            self.writes += 1
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def write_many(self, sql: str, parameters: Iterable[Parameters]) -> int:
        """Change rows once for each set of parameters and return how many in all."""
        try:
            self.begin()
            self.writes += 1
            return self._connection.executemany(sql, parameters).rowcount
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def data_version(self) -> int:
        """A number that is another one once another connection has committed something."""
        if self._version is not None:
            return self._version
        row = self.one("PRAGMA data_version")
        version = int(row[0]) if row else 0
        if self._writing:
            self._version = version
        return version

    def begin(self) -> None:
        """Hold the write lock from here on: what is read now stays true until the transaction ends."""
        if self._spoilt:
            raise RuntimeError("this part of a transaction was spoilt by an exception inside it")
        if self._writing:
            return
        if self._only_reads:
            raise RuntimeError("nothing is written in a snapshot")
        if not self._depth:
            raise RuntimeError("a write belongs into a transaction")
        if self._undone:
            raise RuntimeError("this transaction was undone by an exception inside it")
        self._lock.acquire()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._lock.release()
            raise explain(error, self.path) from error
        except BaseException:
            self._lock.release()
            raise
        self._writing, self._version = True, None

    def locked(self) -> AbstractContextManager[None]:
        """The transaction, begun at once instead of at its first write."""
        return self._locked

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it all reads are of one instant, and nothing is written. A transaction that writes is one already."""
        begins = not self._connection.in_transaction
        if begins:
            self._reads("BEGIN")
            self._only_reads = True
        try:
            yield
        finally:
            if begins:
                self._only_reads = False
            if begins and self._connection.in_transaction:  # a failing disk may have ended it
                self._reads("ROLLBACK")  # which succeeds, unlike COMMIT, after damage was met

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction that an exception undoes without the rest, where SQLite has not undone it all."""
        if self._in_part:
            raise RuntimeError("a part of a transaction has no parts")
        self.begin()
        self._connection.execute("SAVEPOINT part")
        self._in_part = True
        try:
            yield
            if self._spoilt:
                raise RuntimeError("an exception inside this part of a transaction was swallowed: it has been undone")
            self._connection.execute("RELEASE part")
        except BaseException:
            self._undo_part()
            raise
        finally:
            self._in_part = self._spoilt = False

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if kind is not None and self._in_part:
            self._spoilt = True
        elif kind is not None:
            self._undo()
            self._undone = self._depth > 0
        elif self._depth:
            return
        elif self._undone:
            self._undone = False
            raise RuntimeError("an exception inside this transaction was swallowed: it has been undone")
        elif self._writing:
            self._commit()

    def checkpoint(self) -> None:
        """Move the log into the database file, as far as readers let it."""
        if self._writing:
            raise RuntimeError("a checkpoint cannot be part of a transaction")
        self._lock.acquire()
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self.commits = 0
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """Give everything back; an open transaction is undone.

        The last connection to close checkpoints, so it takes the lock; if that is held, its holder is a connection
        that is still open. Should it close first after all, SQLite checkpoints with the whole file locked.
        """
        self._depth = 0
        self._undo()
        held = self._lock.try_acquire()
        try:
            self._connection.close()
        finally:
            if held:
                self._lock.release()
            self._lock.close()

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise explain(error, self.path) from error
        except BaseException:
            self._undo()
            raise
        self.commits += 1
        self._writing, self._version = False, None
        self._lock.release()

    def _undo_part(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            self.writes += 1
            self.undone += 1
            self.on_rollback()
        else:
            self._undo()
            self._undone = self._depth > 0

    def _undo(self) -> None:
        if not self._writing:
            return
        try:
            if self._connection.in_transaction:  # a full disk or a failing one has undone it already
                self._connection.execute("ROLLBACK")
        finally:
            self._writing, self._version = False, None
            self._lock.release()
            self.writes += 1
            self.undone += 1
            self.on_rollback()


class _Locked:
    """See `Database.locked`. Made once: each tick enters it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.__enter__()
        try:
            self._database.begin()
        except BaseException:
            self._database.__exit__(*sys.exc_info())
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.__exit__(kind, error, trace)
