"""What the same work costs without jobctl: a bare Popen loop, and a loop of posix_spawn in C."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("spawn_loop.c")
_NO_OP = "/bin/true"


@dataclass(frozen=True, slots=True)
class Cost:
    """What `count` no-ops took: seconds on the wall, and seconds of CPU of everybody who took part."""

    count: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Runs per second."""
        return self.count / self.wall

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU per run."""
        return 1000 * self.cpu / self.count


def popen_loop(count: int, in_flight: int) -> Cost:
    """Start and reap with subprocess.Popen, `in_flight` at a time; each in a session of its own, as jobctl does it."""
    before, began = _cpu(), time.monotonic()
    running: dict[int, subprocess.Popen[bytes]] = {}
    started = 0
    while started < count or running:
        while started < count and len(running) < in_flight:
            process = subprocess.Popen([_NO_OP], stdin=subprocess.DEVNULL, start_new_session=True)
            running[process.pid] = process
            started += 1
        pid, status = os.waitpid(-1, 0)
        running.pop(pid).returncode = os.waitstatus_to_exitcode(status)
    return Cost(count, time.monotonic() - began, _cpu() - before)


def compile_spawn_loop(folder: Path) -> Path | None:
    """The C loop as a program in `folder`; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    program = folder / "spawn_loop"
    subprocess.run([compiler, "-O2", "-o", program, _SOURCE], check=True)
    return program


def spawn_loop(program: Path, count: int, in_flight: int) -> Cost:
    """Start and reap with posix_spawn in C."""
    done = subprocess.run([program, str(count), str(in_flight)], check=True, capture_output=True, text=True)
    wall, cpu = map(float, done.stdout.split())
    return Cost(count, wall, cpu)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
