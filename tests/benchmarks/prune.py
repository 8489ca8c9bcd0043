"""How long pruning a long history holds the write lock, and how late jobs start meanwhile.

`python -m tests.benchmarks.prune [--runs 1000000] [--jobs 100] [--watch 60]`

First as `jobctl prune` does it, slice after slice, with every hold of the lock timed, against commits of one row to the
same database; then by a daemon that starts a job each second, for as long as it prunes but at most `--watch` seconds,
against the same daemon with nothing to prune.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobctl.clock import SystemClock
from jobctl.domain.retention import older_than
from jobctl.store.pruning import Pruning
from jobctl.store.sqlite.store import SqliteStore
from jobctl.store.sqlite.write_lock import WriteLock
from tests.benchmarks.bare_sqlite import delete_history
from tests.benchmarks.report import announce, mib, table
from tests.end_to_end.installation import Installation
from tests.store.volume import fill

_TICK = '[jobs.tick]\ncommand = ["/bin/true"]\nevery = "1s"\n'
_SHORT = '[retention]\nsucceeded = "1m"\nfailed = "1m"\n'
_LATENESS = """
SELECT attempts.started_at - 1000 * runs.slot FROM runs JOIN attempts ON attempts.run_id = runs.id
WHERE runs.job_id = (SELECT id FROM jobs WHERE name = 'tick') AND runs.slot > ? AND runs.status = 10
"""
_COMMITS = 300
_STARTS = 30
_KEPT = "SELECT sum(runs) FROM status_counts WHERE status >= 10"


@dataclass(slots=True)
class Holds:
    """How long the write lock was held each time, in seconds."""

    seconds: list[float] = field(default_factory=list)
    _since: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        acquire, release = WriteLock.acquire, WriteLock.release

        def timed_acquire(lock: WriteLock) -> None:
            acquire(lock)
            self._since = time.monotonic()

        def timed_release(lock: WriteLock) -> None:
            release(lock)
            self.seconds.append(time.monotonic() - self._since)

        WriteLock.acquire, WriteLock.release = timed_acquire, timed_release  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            WriteLock.acquire, WriteLock.release = acquire, release  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Round:
    """One round over a history: how much went in how many seconds, the holds of the lock (of single commits too), the
    largest log in bytes."""

    gone: int
    seconds: float
    holds: list[float]
    single: list[float]
    log: int
    bare: float  # runs per second that two statements delete


def one_round(folder: Path, runs: int, jobs: int) -> Round:
    """Everything but the last run of each job goes."""
    folder.mkdir(mode=0o700)
    database = folder / "jobctl.db"
    fill(database, jobs, runs)
    store, clock, holds, single = SqliteStore.open(database, folder / "write.lock"), SystemClock(), Holds(), Holds()
    log = database.with_name("jobctl.db-wal")
    gone = largest = 0
    with closing(store):
        with holds.timed():
            began = time.monotonic()
            pruning = Pruning(store, lambda logs: None, older_than(0.0), clock.now())
            begun_at = clock.boottime()
            while (done := pruning.next_slice()) is not None:
                now = clock.boottime()
                pruning.took(now - begun_at)
                begun_at = now
                gone += len(done.gone)
                largest = max(largest, log.stat().st_size if log.exists() else 0)
            took = time.monotonic() - began
        with single.timed():
            for _ in range(min(runs, _COMMITS)):
                store.service.beat(clock.now())
    fill(folder / "bare.db", jobs, runs)
    bare_gone, bare_took = delete_history(folder / "bare.db")
    return Round(gone, took, holds.seconds, single.seconds, largest, bare_gone / bare_took)


@dataclass(frozen=True, slots=True)
class Watched:
    """Lateness of starts in milliseconds while a daemon pruned so many runs in so many seconds."""

    late: list[int]
    gone: int
    seconds: float


def by_daemon(folder: Path, runs: int, jobs: int, seconds: float) -> Watched:
    """A daemon that finds a history which is too old."""
    folder.mkdir(mode=0o700)
    installation = Installation(folder)
    others = "".join(f'[jobs.job-{number:05d}]\ncommand = "true"\n' for number in range(jobs))
    try:
        installation.write_jobs(_SHORT + _TICK + others)
        installation.daemon().stop()
        database = installation.state_dir / "jobctl.db"
        fill(database, runs=runs)
        installation.daemon()
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return _watch(connection, seconds, jobs)
    finally:
        installation.close()


def _watch(connection: sqlite3.Connection, seconds: float, jobs: int) -> Watched:
    began, since = time.monotonic(), int(time.time())
    before = fewest = _kept(connection)
    while (passed := time.monotonic() - began) < seconds and fewest > jobs + 200:
        time.sleep(0.5)
        fewest = min(fewest, _kept(connection))
    while time.monotonic() - began < min(seconds, _STARTS):  # also where there is nothing to prune
        time.sleep(0.5)
    late = [row[0] for row in connection.execute(_LATENESS, (since,))]
    return Watched(late, before - fewest, passed)


def _kept(connection: sqlite3.Connection) -> int:
    ((kept,),) = connection.execute(_KEPT)
    return int(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--watch", type=float, default=60.0, metavar="SECONDS")
    wanted = parser.parse_args()
    announce(f"prune: {wanted.runs} runs of {wanted.jobs} jobs")
    with tempfile.TemporaryDirectory() as temporary:
        found = one_round(Path(temporary, "round"), wanted.runs, wanted.jobs)
        heads = (
            "lock held",
            "runs gone",
            "seconds",
            "runs/s",
            "to bare",
            "times",
            "median",
            "95 %",
            "99 %",
            "longest",
            "largest log",
        )
        table(heads, [_single_row(found), _round_row(found), _bare_row(found)])
        rows = [
            _watched_row(name, by_daemon(Path(temporary, name), runs, wanted.jobs, wanted.watch))
            for name, runs in (("nothing to prune", 0), ("a history to prune", wanted.runs))
        ]
    table(("a daemon with", "runs gone", "seconds", "starts", "late, median", "latest"), rows)


def _single_row(found: Round) -> tuple[str, ...]:
    return ("by commits of one row", "", "", "", "", *_holds(found.single), "")


def _round_row(found: Round) -> tuple[str, ...]:
    speed = found.gone / found.seconds
    told = (str(found.gone), f"{found.seconds:.1f}", f"{speed:.0f}", f"{speed / found.bare:.2f}")
    return ("by pruning", *told, *_holds(found.holds), mib(found.log))


def _bare_row(found: Round) -> tuple[str, ...]:
    """The lock is held all the time."""
    return ("by two bare DELETEs", "", "", f"{found.bare:.0f}", "1.00", "1", "", "", "", "", "")


def _holds(seconds: list[float]) -> tuple[str, ...]:
    held = sorted(1000 * one for one in seconds)
    parts = (held[len(held) // 2], held[len(held) * 95 // 100], held[len(held) * 99 // 100], held[-1])
    return (str(len(held)), *(f"{part:.1f} ms" for part in parts))


def _watched_row(name: str, found: Watched) -> tuple[str, ...]:
    late = found.late or [0]
    return (
        name, str(found.gone), f"{found.seconds:.0f}", str(len(found.late)), f"{statistics.median(late):.0f} ms",
        f"{max(late)} ms",
    )  # fmt: skip


if __name__ == "__main__":
    main()
