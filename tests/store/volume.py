"""A store with the history of years, made in seconds: for benchmarks and for what must not depend on volume."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jobctl.clock import SystemClock
from jobctl.domain.admission import AGING_MS
from jobctl.domain.definition_records import DefinitionChange, JobDefinition
from jobctl.domain.run_id import EPOCH_MS
from jobctl.store.sqlite.store import SqliteStore

HISTORY_MS = 90 * 86_400_000  # the runs are spread evenly over the last 90 days

# Of the last 1000 runs 965 succeed, 20 fail, 5 time out and 10 are skipped: the 30th from the end has failed, however
# few there are, and is a dead letter. No two share a slot: job and time both vary.
_RUNS = """
WITH RECURSIVE counter (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < :runs - 1),
made AS (SELECT n, :start + CAST(n * :step AS INTEGER) AS at, (n - :runs % 1000 + 1000) % 1000 AS kind,
                1 + n * 7919 % :jobs AS place
         FROM counter)
INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, slot, clock_epoch, created_at, due_at,
                  started_at, finished_at, exit_code, attempt, max_attempts, cpu_seconds, max_rss_bytes, log_bytes,
                  dead_letter, reason)
SELECT ((at - :id_epoch) << 20) | (n & 1048575), filled.job_id, :queue,
       CASE WHEN kind < 965 THEN 10 WHEN kind < 985 THEN 11 WHEN kind < 990 THEN 12 ELSE 14 END,
       1, 5, at - 5 * :aging, at / 1000, -1 - n, at, at,
       CASE WHEN kind < 990 THEN at + 40 END, at + 40 + n % 5000,
       CASE WHEN kind < 965 THEN 0 WHEN kind < 985 THEN 1 END, kind < 990, 1, 0.25, 8000000, n % 9000,
       n = :runs - 30, CASE WHEN kind >= 990 THEN 'an earlier run was still active' END
FROM made JOIN filled ON filled.place = made.place
"""
_WAITING = """
WITH RECURSIVE counter (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < :waiting - 1)
INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, created_at, due_at, max_attempts, params)
SELECT ((:now - :id_epoch) << 20) + n, (SELECT job_id FROM filled WHERE place = 1), :queue, 2, 4, 5,
       :now - 5 * :aging, :now, :now, 1, '{"to":"someone@example.org"}'
FROM counter WHERE :waiting > 0
"""
_ATTEMPTS = """
INSERT INTO attempts (run_id, number, state, status, token, keeper, version_id, started_at, finished_at, exit_code,
                      cpu_seconds, max_rss_bytes, log_bytes, log_kept)
SELECT runs.id, 1, 4, runs.status, randomblob(16), 'k' || (runs.id & 7), jobs.version_id, runs.started_at,
       runs.finished_at, runs.exit_code, runs.cpu_seconds, runs.max_rss_bytes, runs.log_bytes, runs.log_bytes
FROM runs JOIN jobs ON jobs.id = runs.job_id WHERE runs.attempt = 1 AND runs.status >= 10
"""
_COUNTERS = """
UPDATE status_counts SET runs = (SELECT count(*) FROM runs WHERE runs.status = status_counts.status);
UPDATE kept_logs SET bytes = (SELECT coalesce(sum(log_kept), 0) FROM attempts);
UPDATE job_state
SET ended = (SELECT count(*) FROM runs WHERE status >= 10 AND keep = 0 AND job_id = job_state.job_id),
    queued = (SELECT count(*) FROM runs WHERE status = 2 AND job_id = job_state.job_id),
    running = (SELECT count(*) FROM runs WHERE status IN (3, 4) AND status = 3 AND job_id = job_state.job_id),
    last_run_id = (SELECT max(id) FROM runs WHERE job_id = job_state.job_id AND attempt > 0);
UPDATE job_state
SET (last_status, last_started_at, last_finished_at, streak) =
    (SELECT status, started_at, finished_at, CASE status WHEN 10 THEN 1 ELSE -1 END FROM runs WHERE id = last_run_id),
    watermark = (SELECT max(slot) FROM runs WHERE id = last_run_id)
WHERE last_run_id IS NOT NULL;
INSERT OR REPLACE INTO lanes (job_id, queue_id, head_rank)
SELECT job_id, queue_id, min(rank) FROM runs WHERE status = 2 GROUP BY job_id, queue_id;
"""


def fill(database: Path, jobs: int = 10_000, runs: int = 1_000_000, waiting: int = 0, now: int | None = None) -> None:
    """Add ended runs with an attempt each to the jobs that are defined, or to `jobs` made-up ones if none is.

    `waiting` queued runs of the first job follow. All counters and marks are as if the runs had really happened,
    except that streaks count the last run only. The database is made if it is not there; nobody else may use it.
    """
    now = SystemClock().now() if now is None else now
    store = SqliteStore.open(database, database.with_name("write.lock"))
    if not store.jobs.names():
        made = tuple(definition(f"job-{number:05d}") for number in range(jobs))
        store.jobs.apply(DefinitionChange(made, (), frozenset(job.name for job in made)), now)
    store.close()
    values: dict[str, object] = {
        "runs": runs, "waiting": waiting, "now": now, "start": now - HISTORY_MS, "step": HISTORY_MS / max(1, runs),
        "id_epoch": EPOCH_MS, "aging": AGING_MS,
    }  # fmt: skip
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("BEGIN IMMEDIATE")
        _number_jobs(connection, values)
        with _without(connection, "trigger", "runs_%"), _without(connection, "index", "runs_by_%"):
            connection.execute(_RUNS, _only(_RUNS, values))
            connection.execute(_WAITING, _only(_WAITING, values))
        connection.execute(_ATTEMPTS)
        for statement in _COUNTERS.split(";\n"):
            connection.execute(statement)
        connection.execute("DROP TABLE filled")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def definition(name: str) -> JobDefinition:
    """A job that does nothing every day."""
    return JobDefinition(
        name=name,
        definition=f'{{"name":"{name}","command":"true","schedule":["0 3 * * *"]}}',
        hash=name,
        schedule_hash=name,
        file="/etc/jobctl/jobs.toml",
        line=1,
        description="Does nothing, every day",
        group="volume",
        tags=("made-up", "daily"),
        schedule="0 3 * * *",
        timezone=None,
        command="true",
        priority=5,
        queue="default",
        enabled=True,
    )


def _number_jobs(connection: sqlite3.Connection, values: dict[str, object]) -> None:
    connection.execute("CREATE TABLE filled (place INTEGER PRIMARY KEY, job_id INTEGER)")
    connection.execute("INSERT INTO filled (job_id) SELECT id FROM jobs WHERE defined = 1 ORDER BY name")
    values["jobs"] = connection.execute("SELECT count(*) FROM filled").fetchone()[0]
    connection.execute("INSERT OR IGNORE INTO queues (name) VALUES ('default')")
    values["queue"] = connection.execute("SELECT id FROM queues WHERE name = 'default'").fetchone()[0]


def _only(sql: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in sql}


@contextmanager
def _without(connection: sqlite3.Connection, kind: str, like: str) -> Iterator[None]:
    """Without triggers the runs may be born ended; an index is built faster at once than row by row."""
    find = "SELECT name, sql FROM sqlite_master WHERE type = ? AND name LIKE ?"
    set_aside = connection.execute(find, (kind, like)).fetchall()
    for name, _ in set_aside:
        connection.execute(f"DROP {kind} {name}")
    yield
    for _, sql in set_aside:
        connection.execute(sql)


if __name__ == "__main__":
    os.umask(0o077)
    fill(Path(sys.argv[1]), *map(int, sys.argv[2:]))
