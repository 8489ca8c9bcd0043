"""What `jobctl top` costs while it shows running jobs: its share of a core and its memory.

`python -m tests.benchmarks.top [--running 30] [--seconds 60] [--columns 120] [--lines 40]`

The jobs sleep, and another one runs now and then, so that the store and the screen change. The baseline reads the same
part of /proc once a second and draws nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.accounting import own_cpu_seconds, pss_bytes, rss_bytes
from tests.benchmarks.report import announce, mib, table
from tests.cli.pty_screen import Screen
from tests.end_to_end.installation import Installation

_BASELINE = """
import time
from jobctl.process import host, processors, usage
while True:
    usage.measure([1]); processors.core_times(); host.memory(); time.sleep(1)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """A share of one core; bytes."""

    cpu: float
    pss: int
    rss: int


def watch(installation: Installation, wanted: argparse.Namespace) -> Cost:
    """`top` in a terminal of its own, measured after it has settled."""
    screen = Screen(installation.command("top"), wanted.columns, wanted.lines, installation.environment)
    try:
        screen.wait_for("Running  ")
        _drain(screen, wanted.settle)
        return _measured(screen.process.pid, lambda: _drain(screen, wanted.seconds))
    finally:
        screen.close()


def baseline(installation: Installation, wanted: argparse.Namespace) -> Cost:
    process = subprocess.Popen([sys.executable, "-P", "-c", _BASELINE], env=installation.environment)
    try:
        time.sleep(wanted.settle)
        return _measured(process.pid, lambda: time.sleep(wanted.seconds))
    finally:
        process.kill()
        process.wait()


def _measured(pid: int, wait: Callable[[], None]) -> Cost:
    cpu, began = own_cpu_seconds(pid), time.monotonic()
    wait()
    return Cost((own_cpu_seconds(pid) - cpu) / (time.monotonic() - began), pss_bytes(pid), rss_bytes(pid))


def _drain(screen: Screen, seconds: float) -> None:
    """Read what it draws, as a terminal does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.1)
        _ = screen.text


def _jobs_toml(running: int) -> str:
    jobs = [f"[daemon]\nmax_concurrent = {running + 5}\n"]
    jobs += [f'[jobs.sleeper-{number:02}]\ncommand = ["sleep", "3600"]\non_start = true\n' for number in range(running)]
    jobs.append('[jobs.tick]\ncommand = ["true"]\nevery = "5s"\n')
    return "".join(jobs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--running", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=5.0)
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--lines", type=int, default=40)
    wanted = parser.parse_args()
    announce(f"top: {wanted.running} running jobs, a look a second, {wanted.columns}x{wanted.lines}")
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary))
        try:
            installation.write_jobs(_jobs_toml(wanted.running))
            installation.daemon()
            while len(installation.ask("history", "--status", "running", "--limit", "1000")) < wanted.running:
                time.sleep(0.2)
            bare, cost = baseline(installation, wanted), watch(installation, wanted)
        finally:
            installation.close()
    rows = [
        (name, f"{100 * one.cpu:.2f} %", f"{one.cpu / max(bare.cpu, 1e-9):.1f}", mib(one.pss), mib(one.rss))
        for name, one in (("reading /proc alone", bare), ("jobctl top", cost))
    ]
    table(("", "CPU of a core", "to the first", "PSS", "RSS"), rows)


if __name__ == "__main__":
    main()
