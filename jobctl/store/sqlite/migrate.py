"""Numbered migrations: `migrations/0001_initial.sql` and so on, each applied once, all of them in one transaction.

The version is kept where SQLite keeps one (`user_version`), beside an `application_id` that says whose file it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.header import APPLICATION_ID

MIGRATIONS = Path(__file__).with_name("migrations")
LATEST = 26


def migration_files(directory: Path = MIGRATIONS) -> list[Path]:
    """The migrations in their order; the first is number 1, and none is missing."""
    return sorted(directory.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(database: Database, directory: Path = MIGRATIONS) -> None:
    """Bring an empty or older database to the newest version: wholly or not at all."""
    with database:
        database.begin()
        version = version_of(database)
        for path in migration_files(directory)[version:]:
            for statement in statements_of(path.read_text("utf-8")):
                database.write(statement)
            version += 1
            database.write(f"PRAGMA user_version = {version}")
        database.write(f"PRAGMA application_id = {APPLICATION_ID}")


def version_of(database: Database) -> int:
    """How many migrations the database has seen."""
    row = database.one("PRAGMA user_version")
    return int(row[0]) if row else 0


def statements_of(script: str) -> Iterator[str]:
    """Split a script; the body of a trigger is one statement with it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
