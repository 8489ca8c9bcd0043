"""How long it takes to find and claim the run that starts next, among very many that wait and have ended.

`python -m tests.benchmarks.pick [--finished 1000000] [--waiting 100000] [--jobs 10000] [--picks 500]`

The target is 2 ms for `Store.runs.waiting` and `begin` together; the sync of the commit comes once for all that start
together and is told apart. The last row is a program that has nothing but SQLite and an index over what waits.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.store.sqlite.store import SqliteStore
from tests.benchmarks import bare_sqlite
from tests.benchmarks.report import announce, table
from tests.store.volume import fill

_QUEUES = [f"queue-{number}" for number in range(10)]
_FREE = 8  # places that a daemon fills at once


@dataclass(frozen=True, slots=True)
class Crowd:
    """What waits: so many runs, spread over the first `jobs` jobs and `queues` queues; what of it is closed."""

    name: str
    jobs: int
    queues: int
    closed_jobs: int = 0
    closed_queues: int = 0


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds on the wall, and of CPU: what others on the machine take does not count there."""

    wall: float
    cpu: float


def _crowds(jobs: int) -> tuple[Crowd, ...]:
    return (
        Crowd("one job, one queue", 1, 1),
        Crowd("every job, 10 queues", jobs, 10),
        Crowd("the same, 9 queues closed", jobs, 10, closed_queues=9),
        Crowd("the same, 64 jobs closed", jobs, 10, closed_jobs=min(64, jobs)),
        Crowd("the same, 9 queues and 64 jobs closed", jobs, 10, closed_jobs=min(64, jobs), closed_queues=9),
    )


def pick(store: SqliteStore, crowd: Crowd, names: Sequence[str], picks: int) -> tuple[list[Took], list[float]]:
    """What each pick took, and milliseconds of each commit."""
    jobs, queues = names[: crowd.closed_jobs], _QUEUES[: crowd.closed_queues]
    took, commits = [], []
    for _ in range(picks):
        now = time.time_ns() // 1_000_000
        with store.transaction():
            began, cpu = time.perf_counter(), time.thread_time()
            for run in store.runs.waiting(_FREE, jobs, queues)[:1]:
                store.attempts.begin(run.id, os.urandom(16), "keeper", now)
            took.append(Took(1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - cpu)))
            began = time.perf_counter()
        commits.append(1000 * (time.perf_counter() - began))
    return took, commits


def queue(store: SqliteStore, crowd: Crowd, names: Sequence[str], waiting: int) -> None:
    """Let so many runs wait, each a millisecond older than the next."""
    now = time.time_ns() // 1_000_000
    store.runs.add_many(
        [
            NewRun(
                names[number % crowd.jobs], Origin.QUEUE, Status.QUEUED, now, now - waiting + number,
                queue=_QUEUES[number // crowd.jobs % crowd.queues],
            )
            for number in range(waiting)
        ]
    )  # fmt: skip


def empty(store: SqliteStore) -> None:
    """Nothing waits any more."""
    now = time.time_ns() // 1_000_000
    with store.transaction():
        while waiting := store.runs.waiting(10_000, (), ()):
            for run in waiting:
                store.runs.move(run.id, Status.QUEUED, Status.CANCELLED, now, "the benchmark is over")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--picks", type=int, default=500)
    wanted = parser.parse_args()
    announce(f"pick: the next of {wanted.waiting:,} waiting runs beside {wanted.finished:,} that have ended")
    found: list[tuple[str, list[Took], list[float]]] = []
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "jobctl.db")
        fill(path, wanted.jobs, wanted.finished)
        store = SqliteStore.open(path, path.with_name("write.lock"), checkpointer=True)
        names = store.jobs.names()
        queued: tuple[int, int] | None = None
        for crowd in _crowds(wanted.jobs):
            if queued != (crowd.jobs, crowd.queues):
                empty(store)
                queue(store, crowd, names, wanted.waiting)
                queued = (crowd.jobs, crowd.queues)
            store.checkpoint()
            found.append((crowd.name, *pick(store, crowd, names, wanted.picks)))
        store.close()
        bare = [Took(*one) for one in bare_sqlite.picks(Path(temporary, "bare.db"), wanted.waiting, wanted.picks)]
    usual = statistics.median(one.cpu for one in bare)
    rows = [_row(name, took, commits, usual) for name, took, commits in [*found, ("bare SQLite, an index", bare, [])]]
    table(("what waits", "median ms", "max ms", "median CPU", "max CPU", "to bare", "commit ms"), rows)


def _row(name: str, took: list[Took], commits: list[float], bare: float) -> tuple[str, ...]:
    """`bare`: the median CPU of the same pick without jobctl."""
    wall, cpu = [one.wall for one in took], [one.cpu for one in took]
    median = statistics.median(cpu)
    figures = (statistics.median(wall), max(wall), median, max(cpu))
    commit = f"{statistics.median(commits):.2f}" if commits else ""
    return name, *(f"{figure:.2f}" for figure in figures), f"{median / bare:.1f}", commit


if __name__ == "__main__":
    main()
