"""A disk that fills up: nothing new starts below the reserve, what runs is recorded, and all goes on by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jobctl.clock import SystemClock
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.errors import DiskFull
from jobctl.store.records import Event
from jobctl.store.sqlite.store import SqliteStore
from tests.end_to_end import processes
from tests.end_to_end.installation import Installation
from tests.end_to_end.oracle import Oracle, leftovers, require
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import Work
from tests.faults.disk import SmallDisk

pytestmark = pytest.mark.root

_WORK = {"held": Work(gate="gate", exit_code=7), "quick": Work()}
_BELOW_THE_RESERVE = 40_000_000
_MOST_COMMITS = 20_000  # that the log has room for


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk", megabytes=160)
    yield made
    made.remove()


@pytest.fixture
def on_disk(disk: SmallDisk, tmp_path: Path) -> Iterator[Installation]:
    """The state is on the small disk, everything else is not."""
    made = Installation(tmp_path, state_dir=disk.folder / "state")
    made.define(_WORK)
    yield made
    made.close()


def _begin_held(installation: Installation, count: int) -> list[str]:
    runs = installation.trigger(*["held"] * count)
    until(lambda: installation.started() >= set(runs), "the runs have begun")
    return runs


@contextmanager
def no_room_for_a_commit(installation: Installation, disk: SmallDisk) -> Iterator[None]:
    """The disk is full, and so is the log of the database: once it has been moved into the database, which a daemon
    does as soon as it has a moment, it is written over in place, and takes commits without any room. A reader keeps
    that from being done again, and commits of this test use up what is left."""
    database = installation.state_dir / "jobctl.db"
    with (
        closing(SqliteStore.open(database, database.with_name("write.lock"))) as store,
        closing(sqlite3.connect(database, isolation_level=None)) as reader,
    ):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        disk.fill()
        with pytest.raises(DiskFull):
            _commit_much(store)
        yield


def _commit_much(store: SqliteStore) -> None:
    for _ in range(_MOST_COMMITS):
        store.events.record(Event(SystemClock().now(), "test", "fill"))


def test_nothing_starts_below_the_reserve_and_all_goes_on_when_there_is_room(
    on_disk: Installation, disk: SmallDisk
) -> None:
    disk.leave(_BELOW_THE_RESERVE)
    daemon = on_disk.daemon()
    (held_up,) = on_disk.trigger("quick")
    until(lambda: "disk nearly full" in daemon.log_tail(), "the daemon says why it starts nothing")
    assert on_disk.status_of(held_up) == "queued"
    assert on_disk.started() == set()
    disk.leave(100_000_000)
    on_disk.wait_settled()
    assert on_disk.status_of(held_up) == "succeeded"
    require(Oracle(on_disk, _WORK).violations() + leftovers(on_disk, daemon))


def test_the_ends_of_running_jobs_are_kept_on_a_disk_that_is_quite_full(on_disk: Installation, disk: SmallDisk) -> None:
    daemon = on_disk.daemon()
    held = _begin_held(on_disk, 3)
    with no_room_for_a_commit(on_disk, disk):
        refused = on_disk.call("run", "--detach", "quick")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "Traceback" not in refused.stderr
        on_disk.open_gate("gate")
        until(lambda: not processes.busy_keepers(on_disk.state_dir), "the jobs end")
        until(lambda: "nothing could be stored" in daemon.log_tail(), "the daemon says that it cannot store their ends")
        assert not daemon.ended_within(0.5)
    disk.leave(100_000_000)
    on_disk.wait_settled()
    assert {on_disk.run(run)["reason"] for run in held} == {OUTPUT_MAY_BE_MISSING}
    require(Oracle(on_disk, _WORK).violations() + leftovers(on_disk, daemon))


def test_ends_recorded_on_a_full_disk_survive_the_daemon_too(on_disk: Installation, disk: SmallDisk) -> None:
    daemon = on_disk.daemon()
    _begin_held(on_disk, 3)
    disk.fill()
    on_disk.open_gate("gate")
    until(lambda: not processes.busy_keepers(on_disk.state_dir), "the jobs end")
    daemon.kill()
    until(lambda: not processes.keepers(on_disk.state_dir), "the keepers leave")
    disk.leave(100_000_000)
    daemon = on_disk.daemon()
    on_disk.wait_settled()
    require(Oracle(on_disk, _WORK).violations() + leftovers(on_disk, daemon))


def test_no_watchdog_kills_a_daemon_that_waits_for_room(on_disk: Installation, disk: SmallDisk) -> None:
    daemon = on_disk.daemon(environment={"WATCHDOG_USEC": "2000000"})
    _begin_held(on_disk, 6)
    with no_room_for_a_commit(on_disk, disk):
        on_disk.open_gate("gate")
        until(lambda: "nothing could be stored" in daemon.log_tail(), "the daemon says that it cannot store the end")
        daemon.forget_words()
        daemon.wait_for_word("WATCHDOG=1").wait_for_word("STATUS=the disk is full: nothing can be stored")
        daemon.wait_for_word("WATCHDOG=1")
    disk.leave(100_000_000)
    on_disk.wait_settled()
    daemon.forget_words()
    daemon.wait_for_word("STATUS=2 jobs, 0 running, 0 queued")


def test_exec_runs_its_command_on_a_full_disk(on_disk: Installation, disk: SmallDisk) -> None:
    assert on_disk.call("exec", "-n", "any", "--", "true").returncode == 0
    disk.fill()
    done = on_disk.call("exec", "-n", "any", "--", "sh", "-c", "echo hello; exit 7")
    assert (done.returncode, done.stdout) == (7, "hello\n")
    assert done.stderr.startswith("jobctl: any runs without a record: no space left for ")


def test_exec_on_a_disk_that_fills_up_meanwhile_passes_everything_on_and_its_end_is_kept(
    on_disk: Installation, disk: SmallDisk
) -> None:
    fill = f"cat /dev/zero > {disk.folder}/by-the-command 2>/dev/null; seq 100000; exit 7"
    done = on_disk.call("exec", "-n", "any", "--", "sh", "-c", fill)
    assert (done.returncode, done.stdout) == (7, "".join(f"{number}\n" for number in range(1, 100_001)))
    assert "is incomplete: No space left on device" in done.stderr
    (disk.folder / "by-the-command").unlink()
    [run] = on_disk.ask("history")
    ended = on_disk.run(run["id"])
    assert (ended["status"], ended["exit_code"], ended["reason"]) == ("failed", 7, OUTPUT_MAY_BE_MISSING)
