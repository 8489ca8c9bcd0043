"""What a daemon costs that has nothing to do: CPU, wake-ups, memory, and how long it takes until it is ready.

`python -m tests.benchmarks.idle [--jobs 1 1000 10000] [--seconds 30]`

An idle daemon wakes once a second and looks at the store's data_version, so that a ring that was lost costs no more
than that; everything else has an instant of its own: the checkpoint ten seconds after the last write, and the beat
every minute. The baseline of its start is `python -I -c pass`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.accounting import own_cpu_seconds, pss_bytes, rss_bytes, wakeups
from tests.benchmarks.report import announce, mib, table
from tests.end_to_end.installation import Installation

_SETTLE = 12.0  # seconds after which the checkpoint that follows the start is over
_READY_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Idleness:
    """Seconds until READY of the first start and of the second, which finds its definitions in the store; share of a
    core; wake-ups per second; bytes."""

    first_start: float
    second_start: float
    cpu: float
    wakeups: float
    pss: int
    rss: int


def idle(folder: Path, jobs: int, seconds: float, settle: float = _SETTLE) -> Idleness:
    """A daemon with `jobs` schedules that are months away."""
    installation = Installation(folder)
    try:
        installation.write_jobs(_jobs_toml(jobs))
        first, _ = _start(installation)
        second, pid = _start(installation, stop=False)
        time.sleep(settle)
        cpu, woken, began = own_cpu_seconds(pid), wakeups(pid), time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        return Idleness(
            first, second, (own_cpu_seconds(pid) - cpu) / passed, (wakeups(pid) - woken) / passed, pss_bytes(pid),
            rss_bytes(pid),
        )  # fmt: skip
    finally:
        installation.close()


def _start(installation: Installation, *, stop: bool = True) -> tuple[float, int]:
    began = time.monotonic()
    daemon = installation.start().wait_ready(_READY_WITHIN)
    took = time.monotonic() - began
    if stop:
        daemon.stop()
    return took, daemon.pid


def _jobs_toml(jobs: int) -> str:
    """Ten thousand different schedules, all on New Year's Eve or the day before it."""
    job = '[jobs.job-{:05d}]\ncommand = ["/bin/true"]\nschedule = "{} {} {} 12 *"\n'
    return "".join(
        job.format(number, number % 60, number // 60 % 24, 30 + number // 1440 % 2) for number in range(jobs)
    )


def bare_interpreter() -> float:
    """Seconds of `python -I -c pass`, the best of ten."""
    return min(_timed([sys.executable, "-I", "-c", "pass"]) for _ in range(10))


def _timed(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 1000, 10_000])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--settle", type=float, default=_SETTLE)
    wanted = parser.parse_args()
    announce(f"idle: {wanted.seconds:g} s of a daemon whose jobs are months away")
    bare = bare_interpreter()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for jobs in wanted.jobs:
            folder = Path(temporary, str(jobs))
            folder.mkdir()
            rows.append(_row(jobs, idle(folder, jobs, wanted.seconds, wanted.settle), bare))
    table(("jobs", "CPU of a core", "wake-ups/s", "PSS", "RSS", "first start", "next start", "to bare Python"), rows)


def _row(jobs: int, found: Idleness, bare: float) -> tuple[str, ...]:
    return (
        str(jobs), f"{100 * found.cpu:.3f} %", f"{found.wakeups:.2f}", mib(found.pss), mib(found.rss),
        f"{found.first_start:.2f} s", f"{found.second_start:.2f} s", f"{found.second_start / bare:.0f}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
