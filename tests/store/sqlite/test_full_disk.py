"""A disk without room: the write is refused in a sentence, and works again as soon as there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import add, begin, conclude, new_run, run_of

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root"),
]
BYTES = 2 * 2**20


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


def test_a_copy_without_room_leaves_nothing_behind(small_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("state")
    store = SqliteStore.open(home / "jobctl.db", home / "write.lock")
    store.runs.add_many([new_run(params="x" * 500)] * 10_000)
    with pytest.raises(DiskFull, match="copy"):
        store.backup(small_disk / "copy.db")
    assert list(small_disk.iterdir()) == []
    store.close()
