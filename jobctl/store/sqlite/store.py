"""The store of one machine: a SQLite database in the state directory."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.closed_place import cannot_open
from jobctl.errors import StoreUnusable
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.connection import use_log
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.examine import Found, examine
from jobctl.store.sqlite.examine import verify as verify_pages
from jobctl.store.sqlite.migrate import LATEST, migrate, version_of
from jobctl.store.sqlite.write_lock import WriteLock

if TYPE_CHECKING:
    from jobctl.store.retention import RetentionStore
    from jobctl.store.sqlite.alerts import SqliteAlertStore
    from jobctl.store.sqlite.attempts import SqliteAttemptStore
    from jobctl.store.sqlite.chains import SqliteChainStore
    from jobctl.store.sqlite.heartbeats import SqliteHeartbeatStore
    from jobctl.store.sqlite.jobs import SqliteJobStore
    from jobctl.store.sqlite.outbox import SqliteOutboxStore
    from jobctl.store.sqlite.rates import SqliteRateStore
    from jobctl.store.sqlite.read_ahead import ReadAhead
    from jobctl.store.sqlite.runs import SqliteRunStore
    from jobctl.store.sqlite.service import SqliteEventStore, SqliteServiceStore, SqliteSwitchStore
    from jobctl.store.sqlite.statistics import SqliteStatisticsStore


class SqliteStore:
    """Store. Made by `open`; one thread uses it.

    Each room of it is imported by whoever asks first: a verb that looks needs one or two.
    """

    def __init__(self, database: Database, *, checkpointer: bool) -> None:
        self._database = database
        self._checkpointer = checkpointer
        self._catalog = Catalog(database)
        self._version = database.data_version()

    @classmethod
    def open(
        cls,
        database: Path,
        write_lock: Path,
        *,
        checkpointer: bool = False,
        create: bool = True,
        verify: bool = False,
        evidence: Collection[Path] = (),
    ) -> SqliteStore:
        """Open the database, made or migrated if need be.

        `evidence`: files and directories with content only where there have been runs; an empty or missing database
        beside them is a loss, not a beginning. `verify` reads every page first. Only the `checkpointer` may call
        `checkpoint`. StoreUnusable: damaged, lost, of another program, newer, or missing without `create`; nothing
        has been changed then.
        """
        lock = WriteLock(write_lock)
        try:
            found = examine(database, evidence)
            if found is Found.NOTHING and not create:
                raise StoreUnusable(f"there is no database {database}", "start the daemon, or run a job, to make it")
            if verify and found is not Found.NOTHING:
                verify_pages(database)
            opened = Database(database, lock) if found is Found.CURRENT else _prepare(database, lock)
            opened.use_no_temporary_files()
            return cls(opened, checkpointer=checkpointer)
        except BaseException:
            lock.close()
            raise

    @cached_property
    def jobs(self) -> SqliteJobStore:
        from jobctl.store.sqlite.jobs import SqliteJobStore

        return SqliteJobStore(self._database, self._catalog, self.events)

    @cached_property
    def runs(self) -> SqliteRunStore:
        from jobctl.store.sqlite.runs import SqliteRunStore

        return SqliteRunStore(self._database, self._catalog, self.events, self._ahead)

    @cached_property
    def attempts(self) -> SqliteAttemptStore:
        from jobctl.store.sqlite.attempts import SqliteAttemptStore

        return SqliteAttemptStore(self._database, self._ahead)

    @cached_property
    def _ahead(self) -> ReadAhead:
        from jobctl.store.sqlite.read_ahead import ReadAhead

        return ReadAhead(self._database)

    @cached_property
    def chains(self) -> SqliteChainStore:
        from jobctl.store.sqlite.chains import SqliteChainStore

        return SqliteChainStore(self._database, self._catalog, self.runs)

    @cached_property
    def switches(self) -> SqliteSwitchStore:
        from jobctl.store.sqlite.service import SqliteSwitchStore

        return SqliteSwitchStore(self._database, self.events)

    @cached_property
    def rates(self) -> SqliteRateStore:
        from jobctl.store.sqlite.rates import SqliteRateStore

        return SqliteRateStore(self._database, self._catalog)

    @cached_property
    def service(self) -> SqliteServiceStore:
        from jobctl.store.sqlite.service import SqliteServiceStore

        return SqliteServiceStore(self._database, self.events)

    @cached_property
    def events(self) -> SqliteEventStore:
        from jobctl.store.sqlite.service import SqliteEventStore

        return SqliteEventStore(self._database)

    @cached_property
    def alerts(self) -> SqliteAlertStore:
        from jobctl.store.sqlite.alerts import SqliteAlertStore

        return SqliteAlertStore(self._database, self._catalog, self.events)

    @cached_property
    def outbox(self) -> SqliteOutboxStore:
        from jobctl.store.sqlite.outbox import SqliteOutboxStore

        return SqliteOutboxStore(self._database)

    @cached_property
    def heartbeats(self) -> SqliteHeartbeatStore:
        from jobctl.store.sqlite.heartbeats import SqliteHeartbeatStore

        return SqliteHeartbeatStore(self._database, self._catalog)

    @cached_property
    def retention(self) -> RetentionStore:
        from jobctl.store.sqlite.retention import SqliteRetentionStore

        return SqliteRetentionStore(self._database)

    @cached_property
    def statistics(self) -> SqliteStatisticsStore:
        from jobctl.store.sqlite.statistics import SqliteStatisticsStore

        return SqliteStatisticsStore(self._database, self._catalog)

    def transaction(self, *, locked: bool = False) -> AbstractContextManager[None]:
        return self._database.locked() if locked else self._database

    def snapshot(self) -> AbstractContextManager[None]:
        return self._database.snapshot()

    def part(self) -> AbstractContextManager[None]:
        return self._database.part()

    def version(self) -> int:
        return self._database.data_version()

    def changed(self) -> bool:
        version = self._database.data_version()
        changed = version != self._version
        self._version = version
        return changed

    def is_outdated(self) -> bool:
        return version_of(self._database) > LATEST

    def commits_in_log(self) -> int:
        return self._database.commits

    def checkpoint(self) -> None:
        if not self._checkpointer:
            raise RuntimeError("only the daemon checkpoints")
        self._database.checkpoint()

    def backup(self, target: Path) -> None:
        # Only `jobctl backup` pays for what copying imports.
        from jobctl.store.sqlite.backup import back_up

        back_up(self._database, target)

    def verify(self) -> None:
        verify_pages(self._database.path)

    def close(self) -> None:
        self._database.close()


def _prepare(path: Path, lock: WriteLock) -> Database:
    """Make or migrate the database; whoever comes second finds it done.

    The checkpoint puts the version into the file itself, where `examine` reads it without opening the log.
    """
    lock.acquire()
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        use_log(path)
    except OSError as error:
        raise cannot_open(path, f"the database {path} cannot be made", error.strerror) from error
    finally:
        lock.release()
    database = Database(path, lock)
    try:
        migrate(database)
        database.checkpoint()
    except BaseException:
        database.close()
        raise
    return database
