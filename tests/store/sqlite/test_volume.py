"""The made-up history is as good as a real one, and what must not depend on volume reads only a few rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.run import Origin, Status
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import TOKEN, add, new_run
from tests.store.volume import fill

RUNS = 20_000
STEPS = 60  # thousands of SQLite's own instructions: a full read of the runs takes hundreds


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("volume")
    fill(directory / "jobctl.db", jobs=100, runs=RUNS, waiting=5000)
    return directory


@pytest.fixture
def store(directory: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(directory / "jobctl.db", directory / "write.lock")
    yield store
    store.close()


def test_a_filled_store_is_consistent(store: SqliteStore, directory: Path) -> None:
    counts = store.runs.counts()
    assert sum(counts.values()) == RUNS + 5000
    assert counts[Status.SUCCEEDED] == RUNS * 965 // 1000
    rows = store.jobs.rows()
    assert len(rows) == 100
    assert rows[0].queued == 5000
    assert all(row.last_run_id for row in rows)
    with closing(sqlite3.connect(directory / "jobctl.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_filled_store_goes_on(store: SqliteStore) -> None:
    (run,) = store.runs.waiting(1, (), ())
    assert store.attempts.begin(run.id, TOKEN, "keeper-1", run.created_at) == 1
    assert store.attempts.withdraw(run.id, 1, TOKEN, run.created_at) == 1


READS: dict[str, Callable[[Store], object]] = {
    "history": lambda store: store.runs.history(HistoryFilter()),
    "of a job": lambda store: store.runs.history(HistoryFilter(jobs=("job-00007",))),
    "failures": lambda store: store.runs.history(HistoryFilter(statuses=(Status.FAILED,))),
    "to name": lambda store: store.runs.to_name(20),
    "running": lambda store: store.runs.history(HistoryFilter(statuses=(Status.RUNNING,))),
    "running of the job of most": lambda store: store.runs.history(
        HistoryFilter(jobs=("job-00000",), statuses=(Status.RUNNING,))
    ),
    "dead letters of a job": lambda store: store.runs.dead_letters("job-00000"),
    "dead letters": lambda store: store.runs.history(HistoryFilter(dead_letters=True)),
    "counts": lambda store: store.runs.counts(),
    "waiting": lambda store: store.runs.waiting(16, (), ()),
    "waiting without the job of most": lambda store: store.runs.waiting(16, ("job-00000",), ()),
    "waiting without the queue of all": lambda store: store.runs.waiting(16, (), ("default",)),
    "next deadline": lambda store: store.runs.next_deadline(),
    "releasing": lambda store: store.runs.release_due(1),
    "overdue": lambda store: store.runs.overdue(1, 10),
    "unfinished": lambda store: store.attempts.unfinished(),
    "cancel requests": lambda store: store.runs.cancel_requests(),
    "active": lambda store: store.runs.active("job-00007"),
    "waiting since": lambda store: store.runs.waiting_since(),
    "count of dead letters": lambda store: store.runs.dead_letters(),
    "failing": lambda store: store.runs.failing(),
    "failed last": lambda store: store.runs.failed_last(50),
    "last successes": lambda store: store.jobs.last_successes(),
    "tried": lambda store: store.jobs.tried(),
    "soonest": lambda store: store.jobs.soonest(10),
}


def thousands_of_steps(store: SqliteStore, read: Callable[[Store], object]) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = store._database._connection
    connection.set_progress_handler(count, 1000)
    read(store)
    connection.set_progress_handler(None, 1000)
    return steps


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_read_costs_the_same_however_many_runs_there_are(store: SqliteStore, read: Callable[[Store], object]) -> None:
    assert thousands_of_steps(store, read) < STEPS


def test_the_measure_of_steps_sees_a_full_read(store: SqliteStore) -> None:
    full = HistoryFilter(origins=(Origin.EXEC,))
    assert thousands_of_steps(store, lambda store: store.runs.history(full)) > STEPS


def test_the_lanes_of_closed_queues_are_not_looked_at(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock")
    store.runs.add_many([new_run(f"job-{number}", queue=f"queue-{number % 9}") for number in range(9_000)])
    opened = add(store, "job-1", queue="open", priority=1)
    closed = [f"queue-{number}" for number in range(9)]
    assert [run.id for run in store.runs.waiting(8, (), closed)] == [opened]
    assert thousands_of_steps(store, lambda store: store.runs.waiting(8, (), closed)) <= 1
    store.close()
