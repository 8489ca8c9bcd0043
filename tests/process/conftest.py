"""A pool of real keepers in a directory of its own, and short ways to run something in it."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobctl.domain.outcome import AttemptEnd
from jobctl.process import identity, record
from jobctl.process.pool import Pool
from jobctl.process.reports import Ended, KeeperReport, Started
from jobctl.process.spec import AttemptSpec

PATIENCE = 20.0  # seconds that a condition may take on a busy machine before the test fails
CLEAN_ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition outside this process; its value."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if value := condition():
            return value
        select.select([], [], [], 0.01)
    raise AssertionError(f"waited {PATIENCE} s in vain: {what}")


def is_alive(pid: int) -> bool:
    stat = identity.stat(pid)
    return stat is not None and stat.state not in "ZX"


class Bench:
    """A pool with what the tests do to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.keepers_dir = directory / "keepers"
        self.log = directory / "logs" / "job.log"
        self.pool = Pool(self.keepers_dir)
        self.reports: list[KeeperReport] = []

    def spec(self, *argv: str, **options: Any) -> AttemptSpec:
        usual: dict[str, Any] = {"env": CLEAN_ENV, "cwd": "/", "log_path": str(self.log), "run_id": "r0", "attempt": 1}
        return AttemptSpec(token=os.urandom(16), argv=argv, **(usual | options))

    def shell(self, script: str, **options: Any) -> AttemptSpec:
        return self.spec("/bin/sh", "-c", script, **options)

    def launch(self, spec: AttemptSpec) -> str:
        """Start; the keeper's name."""
        keeper = self.pool.reserve()
        self.pool.start(keeper, spec)
        return keeper

    def launch_and_see_it_run(self, spec: AttemptSpec) -> str:
        keeper = self.launch(spec)
        self.next_report(Started)
        return keeper

    def next_report(self, *kinds: type) -> Any:
        """The next report of one of these kinds; others are kept in `reports`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for report in self.reports:
                if isinstance(report, kinds):
                    self.reports.remove(report)
                    return report
            select.select([self.pool], [], [], deadline - time.monotonic())
            self.reports += self.pool.receive(0)
        raise AssertionError(f"no {kinds} within {PATIENCE} s, only {self.reports}")

    def run(self, spec: AttemptSpec) -> AttemptEnd:
        keeper = self.launch(spec)
        ended: Ended = self.next_report(Ended)
        assert ended.end.token == spec.token
        self.pool.settled(keeper)
        return ended.end

    def run_shell(self, script: str, **options: Any) -> AttemptEnd:
        return self.run(self.shell(script, **options))

    def output(self) -> str:
        return self.log.read_text()

    def keeper_pid(self, keeper: str) -> int:
        header = record.read(self.keepers_dir / keeper).header
        assert header is not None
        return header.pid

    def pid_in(self, name: str) -> int:
        """The pid that a job writes into a file, once it is there."""
        path = self.directory / name
        return int(wait_until(lambda: path.exists() and path.read_text().strip(), f"a pid in {name}"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.pool.close()
