"""How late jobs start that are all due at one instant, and whether each of them starts exactly once.

`python -m tests.benchmarks.burst [--jobs 1000] [--in-flight 8]`
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.baseline import Cost, compile_spawn_loop, popen_loop, spawn_loop
from tests.benchmarks.report import announce, table
from tests.end_to_end.installation import Installation

_LEAD = 3  # seconds between a daemon that is ready and the instant
_START = 30  # seconds that the daemon may take until it is ready
_AT_MOST = 120.0
_LATENESS = """
SELECT attempts.started_at - 1000 * runs.slot FROM runs JOIN attempts ON attempts.run_id = runs.id
WHERE runs.status = 10 AND runs.slot = ? ORDER BY 1
"""
_ENDED = "SELECT sum(runs) FROM status_counts WHERE status >= 10"


@dataclass(frozen=True, slots=True)
class Burst:
    """Lateness of each start in milliseconds, and of jobs those that had no run or more than one start."""

    late: list[int]
    missed: int
    doubled: int


def burst(folder: Path, jobs: int, in_flight: int) -> Burst:
    """A daemon that has been ready for a while when all its jobs come due."""
    installation = Installation(folder)
    try:
        installation.write_jobs(_jobs_toml(jobs, in_flight, int(time.time()) + 86_400))
        daemon = installation.start()
        daemon.wait_ready(_START)
        slot = int(time.time()) + 1 + _LEAD + jobs // 1000
        installation.write_jobs(_jobs_toml(jobs, in_flight, slot))
        reloaded = installation.call("reload")
        if reloaded.returncode or time.time() >= slot:
            raise RuntimeError(f"the new instant did not get into force in time: {reloaded.stderr}")
        return _watch(installation.state_dir / "jobctl.db", jobs, slot)
    finally:
        installation.close()


def _watch(database: Path, jobs: int, slot: int) -> Burst:
    deadline = slot + _AT_MOST
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while connection.execute(_ENDED).fetchone()[0] < jobs and time.time() < deadline:
            time.sleep(0.05)
        late = [row[0] for row in connection.execute(_LATENESS, (slot,))]
        ((started,),) = connection.execute("SELECT count(DISTINCT job_id) FROM runs WHERE attempt > 0")
        ((attempts,),) = connection.execute("SELECT count(*) FROM attempts")
    return Burst(late, jobs - started, attempts - started)


def _jobs_toml(jobs: int, in_flight: int, slot: int) -> str:
    at = f"{datetime.fromtimestamp(slot, UTC):%Y-%m-%dT%H:%M:%SZ}"
    job = '[jobs.job-{:05d}]\ncommand = ["/bin/true"]\nat = {}\n'
    head = f"[daemon]\nmax_concurrent = {in_flight}\n"
    return head + "".join(job.format(number, at) for number in range(jobs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, default=8)
    wanted = parser.parse_args()
    announce(f"burst: {wanted.jobs} jobs due at one instant, {wanted.in_flight} at a time")
    with tempfile.TemporaryDirectory() as temporary:
        bare = popen_loop(wanted.jobs, wanted.in_flight)
        program = compile_spawn_loop(Path(temporary))
        c = spawn_loop(program, wanted.jobs, wanted.in_flight) if program else None
        folder = Path(temporary, "burst")
        folder.mkdir()
        found = burst(folder, wanted.jobs, wanted.in_flight)
    rows = [_row(found, bare), ("Popen loop", "-", _seconds(bare), "1.0", "-", "-")]
    rows += [("C loop", "-", _seconds(c), f"{c.wall / bare.wall:.1f}", "-", "-")] if c else []
    table(("", "median start", "last start", "to Popen", "missed", "doubled"), rows)


def _row(found: Burst, bare: Cost) -> tuple[str, ...]:
    if not found.late:
        return ("jobctl", "-", "-", "-", str(found.missed), str(found.doubled))
    median, last = statistics.median(found.late) / 1000, found.late[-1] / 1000
    return (
        "jobctl",
        f"{median:.2f} s",
        f"{last:.2f} s",
        f"{last / bare.wall:.1f}",
        str(found.missed),
        str(found.doubled),
    )


def _seconds(cost: Cost) -> str:
    return f"{cost.wall:.2f} s"


if __name__ == "__main__":
    main()
