"""Runs made by the thousand: the counters are those of a recount, whatever was made, undone or there already."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.run import NewRun, Status
from jobctl.store.sqlite.store import SqliteStore
from tests.store.building import NOW, add, new_run, run_of, run_through

KEPT_AND_COUNTED = {
    "by status": (
        "SELECT status, runs FROM status_counts WHERE runs > 0 ORDER BY status",
        "SELECT status, count(*) FROM runs GROUP BY status ORDER BY status",
    ),
    "of each job": (
        "SELECT job_id, queued, running, ended FROM job_state ORDER BY job_id",
        "SELECT id, (SELECT count(*) FROM runs WHERE job_id = jobs.id AND status = 2),"
        " (SELECT count(*) FROM runs WHERE job_id = jobs.id AND status IN (3, 4) AND status = 3),"
        " (SELECT count(*) FROM runs WHERE job_id = jobs.id AND status >= 10 AND keep = 0) FROM jobs ORDER BY id",
    ),
    "heads of lanes": (
        "SELECT job_id, queue_id, head_rank FROM lanes WHERE head_rank IS NOT NULL ORDER BY 1, 2",
        "SELECT job_id, queue_id, min(rank) FROM runs WHERE status = 2 GROUP BY job_id, queue_id ORDER BY 1, 2",
    ),
    "ends for the tallies": (
        "SELECT run_id FROM run_ends ORDER BY run_id",
        "SELECT id FROM runs WHERE status >= 10 ORDER BY id",
    ),
}


class Mishap(Exception):
    """Something in the middle of a transaction."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "jobctl.db", tmp_path / "write.lock")
    add(store)
    run_through(store, "backup", Status.SUCCEEDED)
    yield store
    store.close()


def assert_counted(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "jobctl.db")) as connection:
        for what, (kept, counted) in KEPT_AND_COUNTED.items():
            assert connection.execute(kept).fetchall() == connection.execute(counted).fetchall(), what


def mixed(chance: random.Random, count: int) -> list[NewRun]:
    """Of several jobs and queues, in all statuses that a new run may have, with ids and slots that repeat."""
    return [
        new_run(
            job=chance.choice(("backup", "mail", "letter")),
            queue=chance.choice(("default", "reports")),
            status=chance.choice((Status.QUEUED, Status.QUEUED, Status.SCHEDULED, Status.SKIPPED, Status.MISSED)),
            due_at=NOW + chance.randrange(9),
            priority=chance.randrange(1, 11),
            reason="a test",
            keep=chance.random() < 0.3,
            key=chance.choice((None, None, f"key-{chance.randrange(30)}")),
            slot=chance.choice((None, None, chance.randrange(30))),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_counters_are_those_of_a_recount(store: SqliteStore, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        runs = mixed(chance, chance.choice((1, 7, 60, 1_500)))
        made = store.runs.add_many(runs)
        assert_counted(tmp_path)
        for run, one in zip(runs, made, strict=True):
            there = store.runs.get(one.id)
            assert there is not None
            assert there.job == run.job
            assert one.existed or (there.status, there.key, there.slot) == (run.status, run.key, run.slot)
        assert len({one.id for one in made if not one.existed}) == sum(not one.existed for one in made)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_undone_half_way_is_not_counted(store: SqliteStore, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def broken() -> Iterator[NewRun]:
        yield from mixed(chance, 20)
        raise Mishap

    class Broken(list[NewRun]):
        def __iter__(self) -> Iterator[NewRun]:
            return broken()

    with pytest.raises(Mishap), store.transaction():  # noqa: PT012
        store.runs.add_many(mixed(chance, 30))
        store.runs.add_many(Broken(mixed(chance, 30)))
    assert_counted(tmp_path)
    with store.transaction():
        store.runs.add_many(mixed(chance, 30))
        with pytest.raises(Mishap), store.part():
            store.runs.add_many(Broken(mixed(chance, 30)))
        store.runs.add_many(mixed(chance, 30))
    assert_counted(tmp_path)


def test_the_first_of_a_thousand_with_one_key_is_the_run(store: SqliteStore, tmp_path: Path) -> None:
    first, *others = store.runs.add_many([new_run(key="k", priority=1 + place % 10) for place in range(2_500)])
    assert {(one.id, one.existed) for one in others} == {(first.id, True)}
    assert run_of(store, first.id).priority == 1
    assert_counted(tmp_path)


def test_no_run_is_born_ended_among_many(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="a new run is scheduled, queued, skipped or missed"):
        store.runs.add_many([new_run(), new_run(status=Status.CANCELLED)])
    assert_counted(tmp_path)
