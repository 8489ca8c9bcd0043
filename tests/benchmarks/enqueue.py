"""How fast runs are put into the queue: one command each, beside the bare interpreter's start, and a file of them.

`python -m tests.benchmarks.enqueue [--lines 100000] [--commands 30] [--repeat 3]`

The lines are typed and checked; the target is 20,000 a second. Beside them the same lines, parsed and inserted with one
executemany into a bare table, per CPU second. Memory is the highest resident set of the command.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.bare_sqlite import insert_lines
from tests.benchmarks.report import announce, mib, table
from tests.end_to_end.installation import Installation

_JOBS = """\
[jobs.letter]
command = ["true", "{to}"]
[jobs.letter.params]
to = { type = "string", required = true, pattern = "^[^@]+@[^@]+$" }
template = { type = "string", choices = ["welcome", "promo"], default = "welcome" }
copies = { type = "integer", minimum = 1, maximum = 9 }
"""
_ONE = ("enqueue", "-q", "letter", "--param", "to=ada@example.org")


@dataclass(frozen=True, slots=True)
class Call:
    """One command: seconds on the wall, seconds of CPU, and the highest resident set in bytes."""

    wall: float
    cpu: float
    memory: int


def call(command: Sequence[str], installation: Installation) -> Call:
    """Execute and measure. RuntimeError when the command fails."""
    began = time.monotonic()
    with (installation.folder / "out").open("wb") as out:
        process = subprocess.Popen(command, env=installation.environment, stdin=subprocess.DEVNULL, stdout=out)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}")
    return Call(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def write_lines(path: Path, count: int) -> None:
    """So many requests, each of its own."""
    with path.open("w") as file:
        for number in range(count):
            line = {"params": {"to": f"user{number}@example.org", "template": "promo"}, "priority": number % 10 + 1}
            file.write(json.dumps(line) + "\n")


def single_commands(installation: Installation, count: int) -> list[tuple[str, ...]]:
    """Commands per second, one after the other, and what the interpreter alone would reach."""
    bare = [call([sys.executable, "-I", "-c", "pass"], installation) for _ in range(count)]
    ours = [call(installation.command(*_ONE), installation) for _ in range(count)]
    rate, bare_rate = (count / sum(one.wall for one in calls) for calls in (ours, bare))
    ms = [f"{1000 * min(one.cpu for one in calls):.0f} ms" for calls in (ours, bare)]
    return [(f"{count} commands", f"{rate:.1f}", f"{bare_rate:.1f}", f"{rate / bare_rate:.2f}", *ms)]


def file_of_lines(folder: Path, count: int, repeat: int) -> tuple[str, ...]:
    """The best of some calls, each into a store of its own."""
    write_lines(folder / "lines", count)
    calls = []
    for number in range(repeat):
        place = folder / str(number)
        place.mkdir()
        installation = Installation(place)
        installation.write_jobs(_JOBS)
        call(installation.command("list", "-q"), installation)  # makes the store and reads the jobs
        calls.append(
            call(installation.command("enqueue", "-q", "letter", "--from", str(folder / "lines")), installation)
        )
    wall, cpu = min(one.wall for one in calls), min(one.cpu for one in calls)
    memory = max(one.memory for one in calls)
    bare = min(insert_lines(folder / f"bare-{number}.db", folder / "lines") for number in range(repeat))
    return (
        f"{count:,}", f"{wall:.2f} s", f"{count / wall:,.0f}", f"{count / cpu:,.0f}", f"{count / bare:,.0f}",
        f"{bare / cpu:.2f}", mib(memory),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--commands", type=int, default=30)
    parser.add_argument("--repeat", type=int, default=3)
    wanted = parser.parse_args()
    announce("enqueue: single commands, and files of JSON Lines in one transaction")
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        installation.write_jobs(_JOBS)
        call(installation.command(*_ONE), installation)
        rows = single_commands(installation, wanted.commands)
        table(("one after the other", "jobctl/s", "python/s", "to python", "CPU", "python CPU"), rows)
        rows = []
        for count in (wanted.lines // 100, wanted.lines):
            folder = Path(temporary, f"lines-{count}")
            folder.mkdir()
            rows.append(file_of_lines(folder, count, wanted.repeat))
        table(("lines", "best", "lines/s", "per CPU second", "bare SQLite", "to bare", "memory"), rows)


if __name__ == "__main__":
    main()
