"""How long the verbs take that people type, over ten thousand jobs and a million runs, beside the bare interpreter.

`python -m tests.benchmarks.verbs [--jobs 10000] [--runs 1000000] [--repeat 15]`

Each is timed over few runs too: a verb must not care how many there are. All take turns, and what counts is the CPU
time (of the process and of the kernel for it) of the best turn: with others on the machine the wall tells of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tests.benchmarks.report import announce, table
from tests.end_to_end.installation import Installation
from tests.store.volume import fill

_VERBS = (
    ("--version",), ("list",), ("list", "--failing"), ("list", "job-00007"), ("list", "--json"), ("status",),
    ("status", "job-00007"), ("history",), ("history", "job-00007"), ("history", "-n", "5"),
)  # fmt: skip
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
    return _least([_once(command, installation) for _ in range(repeat)])


def _least(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def _once(command: Sequence[str], installation: Installation | None) -> tuple[float, float]:
    before, began = getrusage(RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, env=installation.environment if installation else None, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    wall, after = time.monotonic() - began, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
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
    calls: list[tuple[list[str], Installation | None]] = [([sys.executable, "-I", "-c", "pass"], None)]
    calls += [(_command(place, verb), place) for verb in _VERBS for place in (many, few)]
    turns = [[_once(*call) for call in calls] for _ in range(repeat)]
    (bare_wall, bare), *measured = map(_least, zip(*turns, strict=True))
    rows = [("python -I -c pass", f"{bare:.0f} ms", f"{bare_wall:.0f} ms", "1.0", "-")]
    for verb, (wall, cpu), (_, of_few) in zip(_VERBS, measured[::2], measured[1::2], strict=True):
        rows.append((" ".join(verb), f"{cpu:.0f} ms", f"{wall:.0f} ms", f"{cpu / bare:.1f}", f"{cpu / of_few:.2f}"))
    table(("", "CPU", "wall", "to bare Python", "many to few runs"), rows)


def _command(installation: Installation, verb: Sequence[str]) -> list[str]:
    """The installed command, as people type it: `python -m` takes longer. An installation that can be edited costs one
    more line of a `.pth` file than a plain one, and the bare interpreter reads that too."""
    places = ["-c", str(installation.jobs_file), "--state-dir", str(installation.state_dir)]
    if verb == ("--version",):
        places = []
    return [str(Path(sys.executable).with_name("jobctl")), *places, *verb]


if __name__ == "__main__":
    main()
