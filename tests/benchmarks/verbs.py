"""How long the verbs take that people type, over ten thousand jobs and a million runs, beside the bare interpreter.

`python -m tests.benchmarks.verbs [--jobs 10000] [--runs 1000000] [--repeat 15]`

Each is timed over few runs too: a verb must not care how many there are. Times are the CPU and the wall time of the
best of all repetitions, which is what a machine with others on it can tell.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.report import announce, table
from tests.end_to_end.installation import Installation
from tests.store.volume import fill

_VERBS = (("--version",), ("list",), ("status",), ("history",), ("history", "job-00007"))
_FEW = 1000
_JOB = '[jobs.job-{:05d}]\ncommand = ["/bin/true"]\nschedule = "{} 3 * * *"\n'


def prepared(folder: Path, jobs: int, runs: int) -> Installation:
    """An installation whose daemon has loaded the jobs and left, with so many ended runs."""
    installation = Installation(folder)
    installation.write_jobs("".join(_JOB.format(number, number % 60) for number in range(jobs)))
    installation.start().wait_ready(120.0).stop()
    fill(installation.state_dir / "jobctl.db", runs=runs)
    return installation


def best(command: Sequence[str], installation: Installation | None, repeat: int) -> tuple[float, float]:
    """Milliseconds on the wall and of CPU, the least of each. RuntimeError when the command fails."""
    found = [_once(command, installation) for _ in range(repeat)]
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def _once(command: Sequence[str], installation: Installation | None) -> tuple[float, float]:
    before, began = os.times(), time.monotonic()
    done = subprocess.run(
        command, env=installation.environment if installation else None, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    wall, after = time.monotonic() - began, os.times()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return 1000 * wall, 1000 * cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=15)
    wanted = parser.parse_args()
    announce(f"verbs: {wanted.jobs} jobs, {wanted.runs} runs")
    with tempfile.TemporaryDirectory() as temporary:
        few, many = (Path(temporary, name) for name in ("few", "many"))
        few.mkdir()
        many.mkdir()
        of_few = prepared(few, wanted.jobs, min(_FEW, wanted.runs))
        of_many = prepared(many, wanted.jobs, wanted.runs)
        try:
            _measure(of_few, of_many, wanted.repeat)
        finally:
            of_few.close()
            of_many.close()


def _measure(few: Installation, many: Installation, repeat: int) -> None:
    bare_wall, bare_cpu = best([sys.executable, "-I", "-c", "pass"], None, repeat)
    rows = [("python -I -c pass", f"{bare_wall:.0f} ms", f"{bare_cpu:.0f} ms", "1.0", "-")]
    for verb in _VERBS:
        wall, cpu = best(many.command(*verb), many, repeat)
        wall_of_few, _ = best(few.command(*verb), few, repeat)
        rows.append(
            (" ".join(verb), f"{wall:.0f} ms", f"{cpu:.0f} ms", f"{wall / bare_wall:.1f}", f"{wall / wall_of_few:.2f}")
        )
    table(("", "wall", "CPU", "to bare Python", "many to few runs"), rows)


if __name__ == "__main__":
    main()
