"""Many processes at one store, some of them killed in the middle."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.store.records import HistoryFilter
from tests.store.building import NOW, TOKEN, add, new_run
from tests.store.conftest import STORES, Factory

PROCESSES = 8
RUNS = 200
ROOT = Path(__file__).parents[2]


@contextmanager
def adding(store_name: str, directory: Path, who: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.store.adding", store_name, str(directory), who, str(RUNS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process


def acknowledged(process: subprocess.Popen[str], kill_after: int | None) -> list[tuple[str, int]]:
    """What the process printed; it is killed when it has printed `kill_after` lines."""
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        if line.endswith("\n"):
            key, run_id = line.split()
            printed.append((key, int(run_id)))
        if len(printed) == kill_after:
            process.kill()
    assert process.wait() == (0 if kill_after is None else -9)
    return printed


@pytest.mark.parametrize("store_name", STORES)
def test_every_acknowledged_run_exists_once_whoever_is_killed(store_name: str, tmp_path: Path) -> None:
    chance = random.Random(11)
    kills = [chance.randrange(5, RUNS // 2) if who % 2 else None for who in range(PROCESSES)]
    printed: list[tuple[str, int]] = []

    def one_process(who: int) -> None:
        with adding(store_name, tmp_path, str(who)) as process:
            printed.extend(acknowledged(process, kills[who]))

    threads = [threading.Thread(target=one_process, args=(who,)) for who in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store = STORES[store_name](tmp_path)
    kept = {run.key: run.id for run in store.runs.history(HistoryFilter(limit=10_000))}
    count = store.runs.counts()[Status.QUEUED]
    store.close()
    assert len(printed) >= RUNS * PROCESSES // 2
    assert all(kept[key] == run_id for key, run_id in printed), "the same key gave two ids, or a run is missing"
    assert len(kept) == count, "a key was doubled"


def test_two_claims_of_one_run_have_one_winner(factory: Factory) -> None:
    store = factory()
    ids = [made.id for made in store.runs.add_many([new_run() for _ in range(40)])]
    one, other = factory(), factory()
    for run_id in ids:
        claims = [store.attempts.begin(run_id, TOKEN, "keeper", NOW) for store in (one, other)]
        assert sorted(claims, key=str) == [1, None]


def test_stores_opened_by_several_at_once_are_made_once(tmp_path: Path) -> None:
    problems: list[BaseException] = []
    together = threading.Barrier(6)

    def open_and_add() -> None:
        try:
            together.wait(20)
            store = STORES["sqlite"](tmp_path)
            add(store)
            store.close()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=open_and_add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store = STORES["sqlite"](tmp_path)
    assert store.runs.counts()[Status.QUEUED] == 6
    store.close()


@pytest.mark.parametrize("store_name", STORES)
def test_what_a_locked_transaction_reads_is_true_until_it_ends(store_name: str, tmp_path: Path) -> None:
    barrier = threading.Barrier(PROCESSES)
    claimed: list[int] = []

    def claim_if_nothing_runs() -> None:
        store = STORES[store_name](tmp_path)
        run_id = add(store)
        barrier.wait(20)
        with store.transaction(locked=True):
            if not store.attempts.unfinished():
                store.attempts.begin(run_id, TOKEN, "keeper-1", NOW)
                claimed.append(run_id)
        store.close()

    threads = [threading.Thread(target=claim_if_nothing_runs) for _ in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(claimed) == 1
