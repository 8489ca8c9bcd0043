"""Whether a file may be opened as jobctl's database. Nothing is ever changed here, whatever the answer.

SQLite opens an empty file as a healthy empty database and passes over a zeroed page: so it is asked for proof.
"""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from jobctl.closed_place import cannot_open
from jobctl.errors import StoreDamaged, StoreUnusable
from jobctl.presence import is_folder, is_there
from jobctl.store.sqlite.failures import RESTORE, explain
from jobctl.store.sqlite.header import APPLICATION_ID, HEADER, MAGIC, application_of
from jobctl.store.sqlite.migrate import LATEST


class Found(enum.Enum):
    """What lies at the database's path."""

    NOTHING = enum.auto()  # missing, or the empty beginning of one
    OLDER = enum.auto()  # to be migrated
    CURRENT = enum.auto()


def examine(database: Path, evidence: Collection[Path]) -> Found:
    """Judge by the file's header. StoreUnusable: emptied or lost although `evidence` shows that there were runs,
    not a database of jobctl, or made by a newer jobctl."""
    header = _read_header(database)
    if not header:
        _refuse_a_loss(database, (*evidence, database.with_name(database.name + "-wal")))
        return Found.NOTHING
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise StoreDamaged(f"{database} is not a database, or its beginning is damaged", RESTORE)
    version = int.from_bytes(header[60:64], "big")
    application = application_of(header)
    if application == version == 0:  # the log may know more
        application, version, tables = _ask(database)
        if not tables:
            _refuse_a_loss(database, evidence)
            return Found.NOTHING
    if application != APPLICATION_ID:
        raise StoreUnusable(
            f"{database} is a database of another program", "move it away, or choose another --state-dir"
        )
    if version > LATEST:
        raise StoreUnusable(
            f"{database} was written by a newer jobctl (schema {version}, this one knows {LATEST})",
            "upgrade jobctl; nothing was changed",
        )
    return Found.CURRENT if version == LATEST else Found.OLDER


def verify(database: Path) -> None:
    """Read every page of it. StoreUnusable names the first damage found."""
    try:
        with closing(read_only(database)) as connection:
            findings = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        raise explain(error, database) from error
    if findings != ["ok"]:
        raise StoreDamaged(f"the database {database} is damaged: {findings[0]}", RESTORE)


def read_only(database: Path) -> sqlite3.Connection:
    """A connection that leaves the database and its log as they are, also when it is closed."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _read_header(database: Path) -> bytes:
    try:
        with database.open("rb") as file:
            return file.read(HEADER)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise cannot_open(database, f"the database {database} cannot be read", error.strerror) from error


def _refuse_a_loss(database: Path, evidence: Collection[Path]) -> None:
    left = [path for path in evidence if _has_content(path)]
    if not left:
        return
    state = "is empty" if is_there(database) else "is missing"
    raise StoreDamaged(
        f"the database {database} {state}, but {left[0]} shows that there were runs",
        f"restore it from a copy made by `jobctl backup`; to begin anew, move {database.parent} away",
    )


def _has_content(path: Path) -> bool:
    try:
        return any(path.iterdir()) if is_folder(path) else path.stat().st_size > 0
    except OSError:
        return False


def _ask(database: Path) -> tuple[int, int, int]:
    """Application id, version and number of tables, log included."""
    try:
        with closing(read_only(database)) as connection:
            connection.execute("BEGIN")  # of one moment: somebody may be making it just now
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise explain(error, database) from error
    return application, version, tables
