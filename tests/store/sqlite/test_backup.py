"""`backup`: a complete copy or none."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.errors import JobctlError, Refused, StoreUnusable, UsageError
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import add, run_of


def open_store(directory: Path) -> SqliteStore:
    return SqliteStore.open(directory / "jobctl.db", directory / "write.lock")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = open_store(tmp_path)
    yield store
    store.close()


def test_the_copy_is_one_private_file_that_opens_as_a_store(store: SqliteStore, tmp_path: Path) -> None:
    run_id = add(store)
    (tmp_path / "copies").mkdir()
    target = tmp_path / "copies" / "jobctl.db"
    store.backup(target)
    assert list(target.parent.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = open_store(target.parent)
    assert run_of(copy, run_id) == run_of(store, run_id)
    assert add(copy) != run_id
    copy.close()


def test_a_newer_copy_replaces_the_older(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    store.backup(target)
    run_id = add(store)
    store.backup(target)
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT id FROM runs").fetchall() == [(run_id,)]


def test_any_other_file_is_refused_and_left_alone(store: SqliteStore, tmp_path: Path) -> None:
    other = tmp_path / "jobs.toml"
    other.write_text("[jobs.a]\n")
    with pytest.raises(Refused, match="is no copy of a jobctl database"):
        store.backup(other)
    assert other.read_text() == "[jobs.a]\n"


def test_a_copy_made_while_others_write_is_whole(store: SqliteStore, tmp_path: Path) -> None:
    made = threading.Event()
    enough = threading.Event()

    def keep_writing() -> None:
        writer = open_store(tmp_path)
        while not enough.is_set():
            with writer.transaction():
                add(writer)
                add(writer)
            made.set()
        writer.close()

    thread = threading.Thread(target=keep_writing)
    thread.start()
    try:
        assert made.wait(20)
        for number in range(5):
            store.backup(tmp_path / f"{number}.db")
    finally:
        enough.set()
        thread.join()
    for number in range(5):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
            (counted,) = connection.execute("SELECT runs FROM status_counts WHERE status = 2").fetchone()
            assert runs == counted
            assert runs % 2 == 0


def test_the_database_itself_and_directories_are_no_targets(store: SqliteStore, tmp_path: Path) -> None:
    for target in (tmp_path / "jobctl.db", tmp_path):
        with pytest.raises(UsageError):
            store.backup(target)
    assert store.runs.counts()[Status.QUEUED] == 0


def test_a_target_that_cannot_be_written_is_named(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(JobctlError, match="cannot be written"):
        store.backup(tmp_path / "missing" / "copy.db")


def test_a_damaged_database_does_not_replace_a_good_copy(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    add(store)
    good = tmp_path / "good.db"
    store.backup(good)
    kept = good.read_bytes()
    store.close()
    with (tmp_path / "jobctl.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096 * 3)
    store = open_store(tmp_path)
    with pytest.raises(StoreUnusable, match="damaged"):
        store.backup(good)
    store.close()
    assert good.read_bytes() == kept
    assert not list(tmp_path.glob(".*partial*"))
