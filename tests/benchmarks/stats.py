"""How long `stats` takes over ten thousand jobs and a million runs, and what adding a run to the tallies costs.

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
    ("stats",),
    ("stats", "--last", "24h"),
    ("stats", "--last", "30d"),
    ("stats", "job-00007"),
    ("stats", "--calendar"),
)
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
            bare, _ = best([sys.executable, "-I", "-c", "pass"], None, wanted.repeat)
            rows = [("python -I -c pass", f"{bare:.0f} ms", "1.0")]
            for words in _CALLS:
                wall, _ = best(installation.command(*words), installation, wanted.repeat)
                rows.append((" ".join(words), f"{wall:.0f} ms", f"{wall / bare:.1f}"))
        finally:
            installation.close()
    table(("", "wall", "to bare Python"), rows)
    per_run = 1e6 * whole / max(1, folded)
    print(f"adding to the tallies: {per_run:.0f} us a run; {1000 * longest:.0f} ms the longest slice of {_AT_ONCE}")


if __name__ == "__main__":
    main()
