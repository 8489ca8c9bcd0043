"""How fast a queue of no-ops drains through store, daemon and keepers, and what each run costs.

`python -m tests.benchmarks.drain [--count 2000] [--in-flight 1 2 8] [--sleeping 50]`

On ext4 without a journal not within five minutes of the deletion of thousands of files: each file that is made there
passes over all inodes that were deleted lately, up to half a millisecond for the log of a run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.doorbell import ring
from jobctl.store.sqlite.store import SqliteStore
from tests.benchmarks.accounting import cpu_seconds, pss_bytes, with_children
from tests.benchmarks.baseline import Cost, compile_spawn_loop, popen_loop, spawn_loop
from tests.benchmarks.report import announce, mib, table
from tests.benchmarks.syncs import SyncCount
from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until

_JOBS = """
[daemon]
max_concurrent = {in_flight}

[jobs.true]
command = ["/bin/true"]
overlap = "allow"
max_concurrent = {in_flight}

[jobs.sleep]
command = ["/bin/sleep", "3600"]
overlap = "allow"
max_concurrent = {in_flight}
"""
_LOOK_EVERY = 0.01  # seconds
_AT_MOST = 300.0


class Site:
    """An installation with a running daemon and a connection of our own to its store."""

    def __init__(self, folder: Path, in_flight: int) -> None:
        self.installation = Installation(folder)
        self.installation.write_jobs(_JOBS.format(in_flight=in_flight))
        self.daemon: Daemon = self.installation.daemon()
        state = self.installation.state_dir
        self.store = SqliteStore.open(state / "jobctl.db", state / "write.lock")

    def queue(self, job: str, count: int) -> None:
        """Make so many runs in one commit, and ring."""
        now = time.time_ns() // 1_000_000
        run = NewRun(job=job, origin=Origin.MANUAL, status=Status.QUEUED, created_at=now, due_at=now)
        self.store.runs.add_many([run] * count)
        ring(self.installation.state_dir / "doorbell")

    def wait_for(self, status: Status, count: int) -> None:
        deadline = time.monotonic() + _AT_MOST
        while self.store.runs.counts()[status] < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.store.runs.counts()}\n{self.daemon.log_tail()}")
            time.sleep(_LOOK_EVERY)

    def close(self) -> None:
        self.store.close()
        self.installation.close()


def drain(folder: Path, count: int, in_flight: int) -> Cost:
    """From the commit of `count` runs to the last end in the store; the pool grows within that time."""
    site = Site(folder, in_flight)
    try:
        cpu = cpu_seconds(with_children(site.daemon.pid))
        began = time.monotonic()
        site.queue("true", count)
        site.wait_for(Status.SUCCEEDED, count)
        wall = time.monotonic() - began
        return Cost(count, wall, cpu_seconds(with_children(site.daemon.pid)) - cpu)
    finally:
        site.close()


def syncs(folder: Path, count: int, in_flight: int) -> tuple[float, float]:
    """Syncs of the daemon and of the keepers, per run. The daemon's are its commits and checkpoints."""
    site = Site(folder, in_flight)
    try:
        with SyncCount(with_children(site.daemon.pid), folder / "syncs") as counting:
            site.queue("true", count)
            site.wait_for(Status.SUCCEEDED, count)
        found = counting.by_process()
        of_daemon = found.pop(site.daemon.pid)
        return of_daemon / count, found.total() / count
    finally:
        site.close()


def memory(folder: Path, running: int) -> tuple[float, float]:
    """Bytes of the daemon, and of keepers per job, while `running` jobs sleep."""
    site = Site(folder, running)
    try:
        site.queue("sleep", running)
        site.wait_for(Status.RUNNING, running)
        until(lambda: len(with_children(site.daemon.pid)) > running, "every job has its keeper")
        keepers = with_children(site.daemon.pid)[1:]
        return pss_bytes(site.daemon.pid), sum(map(pss_bytes, keepers)) / running
    finally:
        site.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 2, 8])
    parser.add_argument("--sleeping", type=int, default=50)
    wanted = parser.parse_args()
    announce(f"drain: {wanted.count} runs of /bin/true, every step synced")
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        program = compile_spawn_loop(Path(temporary))
        for in_flight in wanted.in_flight:
            bare = popen_loop(wanted.count, in_flight)
            c = spawn_loop(program, wanted.count, in_flight) if program else None
            folder = Path(temporary, f"drain-{in_flight}")
            folder.mkdir()
            rows.append(_row(in_flight, drain(folder, wanted.count, in_flight), bare, c))
        table(
            ("in flight", "jobctl/s", "Popen/s", "C/s", "to Popen", "to C", "CPU ms/run", "Popen ms", "C ms"), rows
        )  # fmt: skip
        if SyncCount.is_possible():
            _tell_syncs(Path(temporary), wanted.count, wanted.in_flight)
        folder = Path(temporary, "memory")
        folder.mkdir()
        daemon, keeper = memory(folder, wanted.sleeping)
        table(("PSS, jobs asleep", "daemon", "keeper per job"), [(wanted.sleeping, mib(daemon), mib(keeper))])


def _tell_syncs(folder: Path, count: int, in_flights: list[int]) -> None:
    rows = []
    for in_flight in in_flights:
        place = folder / f"syncs-{in_flight}"
        place.mkdir()
        of_daemon, of_keepers = syncs(place, count, in_flight)
        rows.append((in_flight, f"{of_daemon:.2f}", f"{of_keepers:.2f}"))
    table(("in flight", "syncs per run: daemon", "keepers"), rows)


def _row(in_flight: int, ours: Cost, bare: Cost, c: Cost | None) -> tuple[str, ...]:
    return (
        str(in_flight), f"{ours.rate:.0f}", f"{bare.rate:.0f}", f"{c.rate:.0f}" if c else "-",
        f"{ours.rate / bare.rate:.2f}", f"{ours.rate / c.rate:.2f}" if c else "-",
        f"{ours.cpu_ms:.2f}", f"{bare.cpu_ms:.2f}", f"{c.cpu_ms:.2f}" if c else "-",
    )  # fmt: skip


if __name__ == "__main__":
    main()
