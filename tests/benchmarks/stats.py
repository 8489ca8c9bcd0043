"""How long `stats` takes over ten thousand jobs and a million runs of 90 days, and what adding a run to the tallies
costs where nearly each end is another job's.

`python -m tests.benchmarks.stats [--jobs 10000] [--runs 1000000] [--repeat 5]`
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from jobctl.store.sqlite.store import SqliteStore
from tests.benchmarks.report import announce, table
from tests.benchmarks.verbs import best, prepared

_CALLS = (
    "stats", "stats --json", "stats --by time", "stats --last 24h", "stats --last 2d", "stats --last 30d",
    "stats --last 30d --by wait", "stats --last 30d --json", "stats --last 70d", "stats --last 70d --json",
    "stats --last 90d", "stats --last 365d", "stats --last 365d --json", "stats --calendar",
    "stats --calendar --last 35d", "stats job-00007", "stats job-00007 --last 365d", "stats job-000* --last 365d",
    "stats job-* --last 30d", "metrics",
)  # fmt: skip
_AT_ONCE = 200  # as the daemon does


def fold_all(state_dir: Path) -> tuple[int, float, float]:
    """Add all ended runs to the tallies; how many, the seconds of it all, and of the longest slice."""
    with closing(sqlite3.connect(state_dir / "jobctl.db")) as connection, connection:
        connection.execute("INSERT INTO run_ends (run_id) SELECT id FROM runs WHERE status >= 10 ORDER BY finished_at")
    store = SqliteStore.open(state_dir / "jobctl.db", state_dir / "write.lock", checkpointer=True)
    folded, longest, began = 0, 0.0, time.monotonic()
    while True:
        at = time.monotonic()
        more = store.statistics.fold(_AT_ONCE)
        longest = max(longest, time.monotonic() - at)
        folded += more
        if not more:
            break
    whole = time.monotonic() - began
    store.checkpoint()
    store.close()
    return folded, whole, longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    wanted = parser.parse_args()
    announce(f"stats: {wanted.jobs} jobs, {wanted.runs} runs")
    with tempfile.TemporaryDirectory() as temporary:
        installation = prepared(Path(temporary), wanted.jobs, wanted.runs)
        try:
            folded, whole, longest = fold_all(installation.state_dir)
            _, bare = best([sys.executable, "-I", "-c", "pass"], None, wanted.repeat)
            rows = [("python -I -c pass", f"{bare:.0f} ms", "-", "1.0")]
            for call in _CALLS:
                wall, cpu = best(installation.command(*call.split()), installation, wanted.repeat)
                rows.append((call, f"{cpu:.0f} ms", f"{wall:.0f} ms", f"{cpu / bare:.1f}"))
        finally:
            installation.close()
    table(("", "CPU", "wall", "to bare Python"), rows)
    per_run = 1e6 * whole / max(1, folded)
    print(f"adding to the tallies: {per_run:.0f} us a run; {1000 * longest:.0f} ms the longest slice of {_AT_ONCE}")


if __name__ == "__main__":
    main()
