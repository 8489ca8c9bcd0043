"""Which files are opened, which are refused, and that a refusal changes nothing."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.alert import AlertKind, Trouble, occurred
from jobctl.domain.definition_records import DefinitionChange
from jobctl.domain.outcome import Conclusion
from jobctl.domain.run import Status
from jobctl.domain.tally import Span
from jobctl.errors import JobctlError, StoreUnusable
from jobctl.store.records import Ends
from jobctl.store.sqlite import examine
from jobctl.store.sqlite.connection import use_log
from jobctl.store.sqlite.header import APPLICATION_ID
from jobctl.store.sqlite.migrate import LATEST, MIGRATIONS, migration_files, statements_of
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import NOW, add, begin, define, end_of, run_of, run_through
from tests.store.volume import definition

Change = Callable[[Path], object]


def open_store(directory: Path, *, create: bool = True, verify: bool = True) -> SqliteStore:
    return SqliteStore.open(
        directory / "jobctl.db",
        directory / "write.lock",
        checkpointer=True,
        create=create,
        verify=verify,
        evidence=(directory / "keepers", directory / "logs"),
    )


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A state directory in which there have been runs."""
    store = open_store(tmp_path)
    define(store, *(f"job-{number}" for number in range(50)))
    with store.transaction():
        for _ in range(200):
            run_through(store, "job-1", Status.SUCCEEDED)
    store.close()
    (tmp_path / "keepers").mkdir()
    (tmp_path / "keepers" / "k1").write_bytes(b"a record")
    return tmp_path


def contents(directory: Path) -> dict[str, bytes]:
    """All that holds data: neither locks nor SQLite's index of a log, nor a log without a byte."""
    found = {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }
    return {
        name: data
        for name, data in found.items()
        if not name.endswith(("-shm", "write.lock")) and (data or not name.endswith("-wal"))
    }


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def start_anew(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def test_a_new_store_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path)
        add(store)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes) >= {"jobctl.db", "jobctl.db-wal", "write.lock"}
    assert set(modes.values()) == {0o600}
    store.close()


def test_what_was_written_is_there_after_the_last_one_closed(used: Path) -> None:
    store = open_store(used)
    assert store.runs.counts()[Status.SUCCEEDED] == 200
    store.close()
    assert not (used / "jobctl.db-wal").exists()


def test_every_connection_syncs_and_holds_to_foreign_keys_and_never_checkpoints_by_itself(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store._database
    settings = ("synchronous", "foreign_keys", "wal_autocheckpoint", "journal_mode", "busy_timeout")
    values = [row[0] for row in (database.one(f"PRAGMA {name}") for name in settings) if row]
    assert values == [2, 1, 0, "wal", 5000]
    store.close()


def make_version(directory: Path, version: int, *statements: str) -> None:
    """A database as that many migrations left it, and what was done with it then."""
    with closing(sqlite3.connect(directory / "jobctl.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        for path in migration_files(MIGRATIONS)[:version]:
            for statement in statements_of(path.read_text()):
                connection.execute(statement)
        for statement in statements:
            connection.execute(statement)
        if version:
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def test_an_older_database_is_migrated(tmp_path: Path) -> None:
    assert len(migration_files()) == LATEST
    assert [int(path.name[:4]) for path in migration_files()] == list(range(1, LATEST + 1))
    for version in range(LATEST + 1):
        directory = tmp_path / str(version)
        directory.mkdir()
        make_version(directory, version)
        store = open_store(directory)
        assert run_of(store, add(store)).status is Status.QUEUED
        store.close()


def test_tallies_of_an_older_jobctl_know_nothing_of_storage_and_those_after_it_do(tmp_path: Path) -> None:
    day = Span.DAY.start_of(NOW)
    counted = f"1, {int(Span.DAY)}, {day}, 5{', 0' * 14}, '', ''"
    past = f"1, 7{', 0' * 14}, '', ''"
    make_version(
        tmp_path,
        22,
        "INSERT INTO jobs (id, name) VALUES (1, 'backup')",
        f"INSERT INTO tallies VALUES ({counted})",
        f"INSERT INTO past_tallies VALUES ({past})",
    )
    with closing(open_store(tmp_path)) as store:
        old = store.statistics.ever()["backup"]
        assert (old.succeeded, old.read_bytes, old.written_bytes) == (12, None, None)
        run = add(store)
        end = end_of(Status.SUCCEEDED, NOW)._replace(read_bytes=512, written_bytes=0)
        conclusion = Conclusion(Status.SUCCEEDED, Status.SUCCEEDED, None, None, dead_letter=False)
        assert store.attempts.conclude(run, begin(store, run), end, conclusion)
        assert store.statistics.fold(10) == 1
        new = store.statistics.ever()["backup"]
        assert (new.succeeded, new.read_bytes, new.written_bytes) == (13, 512, 0)


def test_days_of_an_older_jobctl_are_told_by_weeks_and_its_hours_by_all_jobs(tmp_path: Path) -> None:
    first = Span.FOUR_WEEKS.start_of(NOW) - 3 * Span.DAY
    jobs = [f"INSERT INTO jobs (id, name) VALUES ({number}, '{name}')" for number, name in ((1, "backup"), (2, "mail"))]
    rest = "0, 0, 0, 0, 0, 3, 40, 9, 900, {0}, 7, 800, '{0}:3', '186:3', NULL, 512"
    days = [
        f"INSERT INTO tallies VALUES (1, {int(Span.DAY)}, {first + day * Span.DAY}, 3, 0, 0, {rest.format(day)})"
        for day in range(40)
    ]
    last = first + 39 * Span.DAY
    hours = [
        f"INSERT INTO tallies VALUES ({job}, {int(Span.HOUR)}, {last}, 1, 2, 0, {rest.format(job)})" for job in (1, 2)
    ]
    make_version(tmp_path, 24, *jobs, *days, *hours)
    with closing(open_store(tmp_path)) as store:
        for since, until in ((0, 40), (2, 39), (5, 33)):
            at = [first + day * Span.DAY for day in (since, until)]
            found = store.statistics.totals(Span.DAY, at[0], at[1])["backup"]
            assert (found.succeeded, found.max_duration_ms) == (3 * (until - since), until - 1)
            assert found.durations == dict.fromkeys(range(since, until), 3)
        assert store.statistics.ever()["backup"].waits == {186: 120}
        assert store.statistics.hours(first, last + Span.DAY) == [Ends(last, 6, 4)]


def test_a_migration_has_chains_read_again_and_leaves_other_jobs_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    chained = definition("child")._replace(definition='{"after":["job"],"after_any":[],"tags":["x"]}')
    alone = definition("job")._replace(definition='{"after":[],"after_any":[],"tags":["x"]}')
    store.jobs.apply(DefinitionChange((chained, alone), (), frozenset(), {"jobs.toml": "stamp"}), 0)
    store.close()
    with closing(sqlite3.connect(tmp_path / "jobctl.db", isolation_level=None)) as connection:
        script = next(path for path in migration_files() if path.name.endswith("_chains.sql")).read_text()
        for statement in statements_of(script):
            if "jobs SET hash" in statement or "DELETE FROM files" in statement:
                connection.execute(statement)
    store = open_store(tmp_path)
    assert {name: stored.hash for name, stored in store.jobs.definitions().items()} == {"child": "", "job": "job"}
    assert store.jobs.files() == {}
    store.close()


def test_alerts_and_their_notices_outlive_the_migration_that_makes_their_table_anew(tmp_path: Path) -> None:
    alert = "INSERT INTO alerts VALUES (NULL, 1, '{0}', '{0}', 'low', 1, 5, 5, 1, 'bad', NULL, 5, NULL, NULL)"
    make_version(
        tmp_path, 12, alert.format("a"), alert.format("b"), "DELETE FROM alerts WHERE id = 2",
        "INSERT INTO outbox (alert_id, telling, message, made_at, due_at) VALUES (1, 1, 'm', 5, 5)",
    )  # fmt: skip
    store = open_store(tmp_path)
    assert [alert.subject for alert in store.alerts.open()] == ["a"]
    assert [notice.message for notice in store.outbox.unaddressed(9)] == ["m"]
    store.alerts.record([occurred(None, Trouble(AlertKind.HEARTBEAT_FAILED, "no answer"), 9)], 9)
    assert [alert.id for alert in store.alerts.open()] == [3, 1]
    store.close()


def test_alerts_and_notices_of_the_version_before_closing_was_known_are_kept(tmp_path: Path) -> None:
    alert = "INSERT INTO alerts VALUES (NULL, 1, '{0}', '{0}', 'low', {1}, 5, 5, 1, 'bad', NULL, 5, {2}, NULL)"
    notice = "INSERT INTO outbox (alert_id, telling, message, made_at, due_at) VALUES ({}, {}, 'm', 5, 5)"
    make_version(
        tmp_path, 18, alert.format("a", 1, "NULL"), alert.format("b", 4, 9), notice.format(1, 1), notice.format(2, 3),
    )  # fmt: skip
    store = open_store(tmp_path)
    assert [(one.subject, one.state.word, one.closed_at) for one in store.alerts.recent(9)] == [
        ("b", "recovered", 9), ("a", "open", None),
    ]  # fmt: skip
    assert [(one.alert.subject, one.telling.word) for one in store.outbox.unaddressed(9)] == [
        ("a", "opened"), ("b", "recovered"),
    ]  # fmt: skip
    store.alerts.record([occurred(None, Trouble(AlertKind.CPU, "busy"), 9)], 9)
    assert [alert.id for alert in store.alerts.open()] == [3, 1]
    store.close()


def test_an_address_in_an_older_definition_is_taken_out(tmp_path: Path) -> None:
    make_version(
        tmp_path, 12,
        "INSERT INTO jobs (id, name) VALUES (1, 'backup')",
        "INSERT INTO job_versions (id, job_id, valid_from, hash, definition) "
        """VALUES (1, 1, 0, 'h', '{"heartbeat":"https://hc.example/key"}')""",
        "UPDATE jobs SET defined = 1, version_id = 1, hash = 'h', schedule_hash = 'h', file = 'jobs.toml', line = 1",
        "INSERT INTO job_state (job_id) VALUES (1)",
    )  # fmt: skip
    store = open_store(tmp_path)
    assert store.jobs.definition("backup") == '{"heartbeat":"***"}'
    assert store.jobs.definitions()["backup"].hash == ""
    store.close()


def test_a_database_with_runs_is_sound_after_the_migration_that_changes_the_text_of_its_rules(tmp_path: Path) -> None:
    make_version(
        tmp_path, 20,
        "INSERT INTO jobs (id, name) VALUES (1, 'backup')", "INSERT INTO job_state (job_id) VALUES (1)",
        "INSERT INTO queues (id, name) VALUES (1, 'default')",
        "INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, created_at, due_at, max_attempts)"
        " VALUES (7, 1, 1, 2, 3, 5, 0, 0, 0, 1), (8, 1, 1, 1, 3, 5, 0, 0, 0, 1)",
        "UPDATE runs SET status = 3, attempt = 1 WHERE id = 7", "UPDATE runs SET status = 4 WHERE id = 7",
    )  # fmt: skip
    store = open_store(tmp_path)
    assert store._database.all("PRAGMA integrity_check") == [("ok",)]
    assert [store.runs.counts()[status] for status in (Status.SCHEDULED, Status.RETRYING)] == [1, 1]
    assert store.runs.release_due(10) == 2
    assert store.attempts.begin(7, b"x" * 16, "keeper", 20) == 2
    store.close()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    open_store(fresh).close()
    assert rules_of(tmp_path) == rules_of(fresh)


def rules_of(directory: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(directory / "jobctl.db")) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql > '' ORDER BY name").fetchall()


def test_a_maker_killed_before_the_first_migration_is_no_loss(tmp_path: Path) -> None:
    (tmp_path / "jobctl.db").touch()
    store = open_store(tmp_path)
    assert add(store)
    store.close()


def test_a_database_whose_maker_was_killed_right_after_opens(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys; from jobctl.store.sqlite.database import Database\n"
        "from jobctl.store.sqlite import store, migrate\n"
        "Database.checkpoint = lambda self: os._exit(0)\n"
        "directory = pathlib.Path(sys.argv[1])\n"
        "store.SqliteStore.open(directory / 'jobctl.db', directory / 'write.lock')\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "1.log").write_text("output")
    store = open_store(tmp_path)
    assert add(store)
    store.close()


REFUSED: dict[str, tuple[Change, str]] = {
    "emptied": (lambda path: path.write_bytes(b""), "is empty, but"),
    "deleted": (lambda path: path.unlink(), "is missing, but"),
    "all tables gone": (start_anew, "is empty, but"),
    "not a database": (lambda path: path.write_text("hello\n" * 100), "is not a database"),
    "cut in its header": (lambda path: os.truncate(path, 60), "is not a database"),
    "cut in half": (lambda path: os.truncate(path, path.stat().st_size // 8192 * 4096), "damaged"),
    "a page zeroed": (lambda path: overwrite(path, 4096 * 6, bytes(4096)), "damaged"),
    "a page of noise": (lambda path: overwrite(path, 4096 * 6, b"\xa5" * 4096), "damaged"),
    "newer": (lambda path: overwrite(path, 60, (LATEST + 1).to_bytes(4, "big")), "newer jobctl"),
    "of another program": (lambda path: overwrite(path, 68, b"ABCD"), "another program"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_a_way_out_and_kept_as_it_is(used: Path, change: Change, message: str) -> None:
    change(used / "jobctl.db")
    before = contents(used)
    with pytest.raises(StoreUnusable) as refusal:
        open_store(used)
    assert message in refusal.value.message
    assert str(used / "jobctl.db") in refusal.value.message
    assert refusal.value.hint
    assert contents(used) == before


def test_one_that_is_being_made_is_no_database_of_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks at it somebody else completes it."""
    use_log(tmp_path / "jobctl.db")

    def one_that_is_overtaken(path: Path) -> sqlite3.Connection:
        monkeypatch.undo()
        connection = examine.read_only(path)
        connection.set_trace_callback(lambda sql: open_store(tmp_path).close() if "user_version" in sql else None)
        return connection

    monkeypatch.setattr(examine, "read_only", one_that_is_overtaken)
    store = open_store(tmp_path)
    assert run_of(store, add(store)).status is Status.QUEUED
    store.close()


def test_a_damaged_database_with_a_log_keeps_both_when_it_is_refused(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys; from tests.store.building import add\n"
        "from jobctl.store.sqlite.store import SqliteStore\n"
        "directory = pathlib.Path(sys.argv[1])\n"
        "store = SqliteStore.open(directory / 'jobctl.db', directory / 'write.lock')\n"
        "add(store)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True, cwd=Path(__file__).parents[3])
    assert (tmp_path / "jobctl.db-wal").stat().st_size > 0
    size = (tmp_path / "jobctl.db").stat().st_size
    overwrite(tmp_path / "jobctl.db", 4096, b"\xa5" * (size - 4096))
    before = contents(tmp_path)
    with pytest.raises(StoreUnusable, match="damaged"):
        open_store(tmp_path)
    assert contents(tmp_path) == before


def test_a_log_without_its_database_is_a_loss_too(tmp_path: Path) -> None:
    (tmp_path / "jobctl.db-wal").write_bytes(b"commits")
    with pytest.raises(StoreUnusable, match="is missing, but"):
        open_store(tmp_path)


def test_damage_met_later_is_named_in_a_sentence(used: Path) -> None:
    size = (used / "jobctl.db").stat().st_size
    overwrite(used / "jobctl.db", 4096, b"\xa5" * (size - 4096))
    with pytest.raises(StoreUnusable, match="damaged"), closing(open_store(used, verify=False)) as store:
        store.runs.counts()


def test_an_empty_state_directory_with_empty_folders_is_a_beginning(tmp_path: Path) -> None:
    (tmp_path / "keepers").mkdir()
    (tmp_path / "logs").mkdir()
    open_store(tmp_path).close()


def test_nothing_is_made_for_those_who_only_look(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no database"):
        open_store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_state_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot be"):
        open_store(tmp_path / "missing")


def test_a_database_held_by_another_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.store.sqlite.connection.BUSY_TIMEOUT_S", 0.05)
    open_store(tmp_path).close()
    store = open_store(tmp_path)
    with closing(sqlite3.connect(tmp_path / "jobctl.db", isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(JobctlError, match="held by another program"):
            add(store)
        shell.execute("ROLLBACK")
    assert add(store)
    store.close()


def test_only_the_daemon_checkpoints(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock")
    with pytest.raises(RuntimeError, match="daemon"):
        store.checkpoint()
    store.close()
