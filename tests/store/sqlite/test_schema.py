"""The schema holds the rules by itself, and the queries find their indexes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import jobctl.store.sqlite
from jobctl.domain.alert import AlertKind, Trouble, occurred
from jobctl.domain.run import DEAD, MOVES, Origin, Status
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import NOW, add, define, run_through

QUERIES = sorted(path.stem for path in Path(jobctl.store.sqlite.__file__).parent.glob("*.sql"))

CHANGES = {
    "an end without an ended status": "UPDATE runs SET finished_at = 1 WHERE status = 2",
    "an ended status without an end": "UPDATE runs SET status = 13 WHERE status = 2",
    "skipped without a reason": "UPDATE runs SET status = 14, finished_at = 1 WHERE status = 2",
    "running without an attempt": "UPDATE runs SET status = 3 WHERE status = 2",
    "a dead letter that succeeded": "UPDATE runs SET dead_letter = 1 WHERE status = 10",
    "a stop asked of a waiting run": "UPDATE runs SET cancel_signal = 15 WHERE status = 2",
    "a move that is not in the table": "UPDATE runs SET status = 11 WHERE status = 10",
    "priority 11": "UPDATE runs SET priority = 11",
    "text where a number belongs": "UPDATE runs SET due_at = 'soon'",
    "a run of a job that never was": "UPDATE runs SET job_id = 99",
    "a run that is born ended": "INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, created_at,"
    " due_at, finished_at, max_attempts) VALUES (1, 1, 1, 13, 1, 5, 0, 0, 0, 0, 1)",
    "an ended attempt without an end": "UPDATE attempts SET finished_at = NULL",
    "an alert that is over without an end": "INSERT INTO alerts (kind, subject, severity, state, opened_at, last_at,"
    " count, message, told_at) VALUES (1, 'backup', 'high', 4, 0, 0, 1, 'failed', 0)",
    "a kind of alert that nobody knows": "INSERT INTO alerts (kind, subject, severity, state, opened_at, last_at,"
    " count, message, told_at) VALUES (8, 'backup', 'high', 1, 0, 0, 1, 'failed', 0)",
    "a short token": "UPDATE attempts SET token = x'00'",
    "an end that starts a job twice": "INSERT INTO run_parents SELECT id, 0, 1, 1, 5, 1, 10, 0, NULL FROM runs",
    "an end of a run that goes on": "INSERT INTO chain_ends VALUES (1, 1, 1, 1, 4, 0, NULL)",
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "jobctl.db"
    store = SqliteStore.open(path, tmp_path / "write.lock")
    add(store)
    run_through(store, "backup", Status.SUCCEEDED)
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def test_the_moves_of_the_schema_are_those_of_the_domain(database: sqlite3.Connection) -> None:
    stored = {(Status(source), Status(target)) for source, target in database.execute("SELECT * FROM moves")}
    assert stored == {(source, target) for source, targets in MOVES.items() for target in targets}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_schema_refuses(database: sqlite3.Connection, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(change)


@pytest.mark.parametrize("status", range(18))
def test_what_a_row_must_have_depends_on_its_status_alone(database: sqlite3.Connection, status: int) -> None:
    for (trigger,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {trigger}")
    known = status in set(Status)
    ended_at = 1 if known and Status(status).is_final else None

    def takes(reason: str | None = "because", attempt: int = 1, dead_letter: int = 0) -> bool:
        values = (status, ended_at, reason, attempt, dead_letter)
        try:
            database.execute(
                "UPDATE runs SET status = ?, finished_at = ?, reason = ?, attempt = ?, dead_letter = ?", values
            )
        except sqlite3.IntegrityError:
            return False
        return True

    assert takes() == known
    assert takes(reason=None) == (known and status not in (Status.SKIPPED, Status.MISSED, Status.LOST))
    had_none = {Status.SCHEDULED, Status.QUEUED, Status.CANCELLED, Status.SKIPPED, Status.MISSED}
    assert takes(attempt=0) == (status in had_none)
    assert takes(dead_letter=1) == (status in DEAD)


def test_no_rule_that_each_run_passes_has_a_table_made_for_it(database: sqlite3.Connection) -> None:
    """SQLite fills one for `x IN (…)` of three or more constants, whenever the statement runs."""
    rules = database.execute("SELECT name, sql FROM sqlite_schema WHERE tbl_name IN ('runs', 'attempts') AND sql > ''")
    for name, rule in rules:
        asked_of_all = rule.partition("BEGIN")[0]  # of a trigger its WHEN
        assert not re.search(r"IN \([^(),]*,[^(),]*,", asked_of_all), name


def test_few_triggers_are_asked_of_each_move(database: sqlite3.Connection) -> None:
    """Each is a program of its own, also where its WHEN does not hold."""
    ((asked,),) = database.execute(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '% UPDATE OF status%ON runs%'"
    )
    assert asked <= 6


def test_deleted_runs_leave_the_counters_right(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM runs")
    assert database.execute("SELECT sum(runs) FROM status_counts").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM attempts").fetchone() == (0,)
    assert database.execute("SELECT sum(queued), sum(running) FROM job_state").fetchone() == (0, 0)
    assert database.execute("SELECT count(head_rank) FROM lanes").fetchone() == (0,)


def test_columns_that_a_later_version_adds_change_nothing_of_what_is_read(tmp_path: Path) -> None:
    """A daemon goes on living for a moment when a newer jobctl has brought its database up to date."""
    store = SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock")
    define(store, "backup")
    store.jobs.plan_next({"backup": NOW})
    run = run_through(store, "backup", Status.FAILED)
    store.alerts.record([occurred(None, Trouble(AlertKind.FAILED, "failed", "backup", "backup"), NOW)], NOW)

    def read() -> list[object]:
        return [
            store.jobs.rows(), store.jobs.rows({"backup"}), store.jobs.soonest(1), store.runs.get(run),
            store.runs.history(HistoryFilter()), store.statistics.unfolded(), store.outbox.unaddressed(1),
            store.outbox.history(1),
        ]  # fmt: skip

    before = read()
    assert all(before)
    with closing(sqlite3.connect(tmp_path / "jobctl.db", isolation_level=None)) as connection:
        _add_columns(connection)
    assert read() == before
    store.close()


def _add_columns(connection: sqlite3.Connection) -> None:
    parts = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
    for kind, name, sql in parts:
        if kind == "view":
            connection.execute(f"DROP VIEW {name}")
            connection.execute(f"CREATE VIEW {name} AS SELECT *, 1 AS later FROM ({sql.partition(' AS')[2]})")
        elif not name.startswith("sqlite_"):
            connection.execute(f"ALTER TABLE {name} ADD COLUMN later INTEGER")


def test_queries_name_their_columns() -> None:
    for file in QUERIES:
        for name, sql in queries(file).items():
            assert not re.search(r"(SELECT|,) *(\w+\.)?\*", sql), f"{file}.{name}"


MAY_SCAN = {
    "jobs": {"definitions", "digests", "files", "raise_generation", "generation", "timings", "rows", "listing",
             "labels", "count", "names", "last_successes", "tried", "over", "missed_in_a_row"},
    "definitions": {"known", "forget_files"},
    "runs": {"counts"},
    "attempts": set(),
    "history": set(),
    "chains": set(),
    "service": {"started", "info", "beat", "raise_clock_epoch", "pauses"},
    "alerts": {"dead_men"},
}  # fmt: skip


@pytest.mark.parametrize("room", MAY_SCAN)
def test_no_query_reads_a_whole_table_that_grows(database: sqlite3.Connection, room: str) -> None:
    for name, sql in queries(room).items():
        if sql.startswith("INSERT"):  # the plan lists scans for children that only repair a violation
            continue
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", _values(sql))]
        scans = [step for step in plan if step.startswith(("SCAN runs", "SCAN jobs", "SCAN attempts", "SCAN job_"))]
        partial = {"runs_to_release", "runs_to_stop", "runs_dead", "runs_waiting", "runs_busy", "runs_to_start_by"}
        scans = [step for step in scans if not any(index in step for index in partial)]
        assert not scans or name in MAY_SCAN[room], f"{room}.{name}: {plan}"


def test_the_numbers_in_the_sql_mean_what_the_domain_says() -> None:
    assert [status.name for status in (Status(1), Status(2), Status(3), Status(4), Status(10), Status(13))] == [
        "SCHEDULED", "QUEUED", "RUNNING", "RETRYING", "SUCCEEDED", "CANCELLED",
    ]  # fmt: skip
    assert [Status(number).name for number in (11, 12, 16)] == ["FAILED", "TIMED_OUT", "LOST"]
    assert [Origin(number).name for number in (1, 2, 5, 6, 7)] == [
        "SCHEDULE", "CATCH_UP", "STARTUP", "CHAIN", "EXEC",
    ]  # fmt: skip


def _values(sql: str) -> dict[str, int] | list[int]:
    if ":" in sql:
        return dict.fromkeys(
            (
                "low", "high", "since", "until", "statuses", "origins", "jobs", "job", "status", "limit", "dead",
            ),
            1,
        )  # fmt: skip
    numbered = max((place for place in range(1, 30) if f"?{place}" in sql), default=0)
    return [1] * (numbered or sql.count("?"))
