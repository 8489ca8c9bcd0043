"""A state directory on a file system that is mounted read-only: the sentence names that, and not the owner."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.errors import StoreUnusable
from jobctl.instance_lock import InstanceLock
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import add

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system takes root"),
]


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A state directory with a run, on a file system on which nothing can be written any more."""
    made = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(made, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no mounting here: {mounted.stderr.decode()}")
    store = SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock", checkpointer=True)
    add(store)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_the_database_is_told_to_be_on_a_read_only_file_system(read_only: Path) -> None:
    with pytest.raises(StoreUnusable) as refusal:
        SqliteStore.open(read_only / "jobctl.db", read_only / "write.lock").jobs.names()
    assert refusal.value.message.endswith(f": {read_only} is on a file system that is mounted read-only")
    assert "mount it for writing" in refusal.value.hint


def test_a_copy_can_be_looked_at_as_the_hint_says(read_only: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    subprocess.run(["cp", "-a", read_only, copy], check=True)
    store = SqliteStore.open(copy / "jobctl.db", copy / "write.lock")
    assert sum(store.runs.counts().values()) == 1
    store.close()


def test_the_lock_of_the_daemon_says_the_same(read_only: Path) -> None:
    with pytest.raises(StoreUnusable) as refusal:
        InstanceLock(read_only / "daemon.lock", wait=0)
    assert refusal.value.message.endswith("mounted read-only")
