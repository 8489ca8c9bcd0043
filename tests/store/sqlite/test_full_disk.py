"""A disk without room: the write is refused in a sentence, and works again as soon as there is room."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from jobctl.store.sqlite.failures import explain
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import add, begin, conclude, new_run, run_of

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root"),
]
BYTES = 2 * 2**20
# In a process of its own: SQLite reads the environment when it is first used.
MAKE_MANY = """
import sys
from pathlib import Path
from jobctl.domain.run import Status
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import new_run
state = Path(sys.argv[1])
store = SqliteStore.open(state / "jobctl.db", state / "write.lock")
store.runs.add_many([new_run(params="x" * 1000)] * 5000)
print(store.runs.counts()[Status.QUEUED])
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={BYTES},mode=0700", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no mounting here: {mounted.stderr.decode()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill_up(directory: Path) -> Path:
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


@pytest.mark.parametrize("many", [1, 20_000])
def test_a_write_without_room_changes_nothing_and_works_later(small_disk: Path, many: int) -> None:
    store = SqliteStore.open(small_disk / "jobctl.db", small_disk / "write.lock", checkpointer=True)
    kept = add(store)
    number = begin(store, kept)
    ballast = fill_up(small_disk) if many == 1 else None
    with pytest.raises(DiskFull, match="no space left") as refusal:  # noqa: PT012
        for _ in range(100):  # what is left of the last page of the log may take a write or two
            store.runs.add_many([new_run(params="x" * 500)] * many)
    assert refusal.value.hint
    before = store.runs.counts()[Status.QUEUED]
    assert before % many == 0
    assert run_of(store, kept).status is Status.RUNNING
    if ballast:
        ballast.unlink()
    store.checkpoint()
    assert conclude(store, kept, number, Status.SUCCEEDED)
    assert add(store)
    assert store.runs.counts()[Status.QUEUED] == before + 1
    store.close()


def test_opening_without_room_is_a_full_disk_too(small_disk: Path) -> None:
    SqliteStore.open(small_disk / "jobctl.db", small_disk / "write.lock").close()
    fill_up(small_disk)
    with pytest.raises(DiskFull, match="no space left") as refusal:
        SqliteStore.open(small_disk / "jobctl.db", small_disk / "write.lock")
    assert refusal.value.hint


def test_a_full_folder_for_temporary_files_keeps_no_run_from_being_made(
    small_disk: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fill_up(small_disk)
    made = subprocess.run(
        [sys.executable, "-c", MAKE_MANY, tmp_path_factory.mktemp("state")],
        env={**os.environ, "SQLITE_TMPDIR": str(small_disk)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (made.stdout, made.stderr) == ("5000\n", "")


def test_a_full_folder_for_temporary_files_is_named_and_not_the_database(
    small_disk: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_up(small_disk)
    monkeypatch.setenv("SQLITE_TMPDIR", str(small_disk))
    database = tmp_path_factory.mktemp("state") / "jobctl.db"
    with closing(sqlite3.connect(database)) as connection, pytest.raises(sqlite3.OperationalError) as error:  # noqa: PT012
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE a (b)")
        connection.execute("CREATE TABLE c (d)")
    explained = explain(error.value, database)
    assert isinstance(explained, DiskFull)
    assert explained.message.startswith(f"no space left in {small_disk}, ")
    assert "SQLITE_TMPDIR" in explained.hint
    (small_disk / "ballast").unlink()
    assert f"no space left for {database}" in str(explain(error.value, database))


def test_a_copy_without_room_leaves_nothing_behind(small_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("state")
    store = SqliteStore.open(home / "jobctl.db", home / "write.lock")
    store.runs.add_many([new_run(params="x" * 500)] * 10_000)
    with pytest.raises(DiskFull, match="copy"):
        store.backup(small_disk / "copy.db")
    assert list(small_disk.iterdir()) == []
    store.close()
