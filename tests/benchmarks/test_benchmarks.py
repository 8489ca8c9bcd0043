"""Each benchmark runs and prints its table; how fast anything was is no matter of tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end_to_end.installation import REPOSITORY

TINY = {
    "completion": ("--jobs", "9", "--repeat", "1"),
    "drain": ("--count", "4", "--in-flight", "2", "--sleeping", "1"),
    "burst": ("--jobs", "4"),
    "enqueue": ("--lines", "100", "--commands", "1", "--repeat", "1"),
    "exec": ("--repeat", "1", "--megabytes", "1"),
    "idle": ("--jobs", "1", "--seconds", "0.1", "--settle", "0"),
    "pick": ("--finished", "200", "--waiting", "20", "--jobs", "4", "--picks", "2"),
    "progress": ("--repeat", "1"),
    "prune": ("--runs", "200", "--jobs", "3", "--watch", "1"),
    "selection": ("--runs", "10"),
    "top": ("--running", "2", "--seconds", "1", "--settle", "0"),
    "verbs": ("--jobs", "9", "--runs", "50", "--repeat", "1"),
}


@pytest.mark.parametrize("name", TINY)
def test_the_benchmark_runs(name: str) -> None:
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *TINY[name]]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name}: ")
    assert len(done.stdout.splitlines()) >= 4
