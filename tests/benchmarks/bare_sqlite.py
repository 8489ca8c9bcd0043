"""What the same work costs a program that has nothing but SQLite: no checks, no history of who did what, no lock."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE runs (id INTEGER PRIMARY KEY, job TEXT NOT NULL, status INTEGER NOT NULL, rank INTEGER NOT NULL,
                   priority INTEGER, params TEXT);
CREATE INDEX runs_waiting ON runs (rank) WHERE status = 2;
CREATE TABLE attempts (run_id INTEGER NOT NULL, token BLOB NOT NULL, started_at INTEGER NOT NULL);
"""
_INSERT = "INSERT INTO runs (job, status, rank, priority, params) VALUES (?, 2, ?, ?, ?)"


def picks(path: Path, waiting: int, count: int) -> list[tuple[float, float]]:
    """Take the first of so many waiting rows by an index, mark it and add a row, again and again: milliseconds on the
    wall and of CPU of each, without the commit."""
    took = []
    with closing(_made(path)) as connection:
        connection.execute("BEGIN")
        connection.executemany(_INSERT, (("job", number, 5, None) for number in range(waiting)))
        connection.execute("COMMIT")
        for number in range(count):
            connection.execute("BEGIN IMMEDIATE")
            began, cpu = time.perf_counter(), time.thread_time()
            rows = connection.execute("SELECT id FROM runs WHERE status = 2 ORDER BY rank LIMIT 1").fetchall()
            for (run,) in rows:
                connection.execute("UPDATE runs SET status = 3 WHERE id = ?", (run,))
                connection.execute("INSERT INTO attempts VALUES (?, ?, ?)", (run, os.urandom(16), number))
            took.append((1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - cpu)))
            connection.execute("COMMIT")
    return took


def insert_lines(path: Path, lines: Path) -> float:
    """Parse JSON Lines and insert them with one executemany in one transaction: seconds of CPU."""
    cpu = time.process_time()
    with closing(_made(path)) as connection, lines.open() as file:
        documents = map(json.loads, file)
        rows = (("letter", at, one["priority"], json.dumps(one["params"])) for at, one in enumerate(documents))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
    return time.process_time() - cpu


def delete_history(database: Path) -> tuple[int, float]:
    """Delete the ended runs and their attempts from a database of jobctl, all but the last of each job, with one
    statement each, while nobody else gets in: how many, and the seconds on the wall."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        began = time.monotonic()
        connection.execute("BEGIN IMMEDIATE")
        last = "(SELECT last_run_id FROM job_state WHERE last_run_id IS NOT NULL)"
        connection.execute(f"DELETE FROM attempts WHERE run_id NOT IN {last}")
        gone = connection.execute(f"DELETE FROM runs WHERE status >= 10 AND id NOT IN {last}").rowcount
        connection.execute("COMMIT")
        return gone, time.monotonic() - began


def _made(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(_TABLES)
    return connection
