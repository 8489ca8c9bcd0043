"""A jobs file, a state directory and a context over the real store, for tests of operations and verbs."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from pathlib import Path

from jobctl.domain.run import Run, Status
from jobctl.instance_lock import InstanceLock
from jobctl.operations.context import Context
from jobctl.process import record
from jobctl.process.recovery_view import stop_keeper
from jobctl.wiring import open_context

PATIENCE = 20.0  # seconds that a condition may take on a busy machine before the test fails

JOBS = """\
[daemon]
timezone = "UTC"

[jobs.hello]
command = "echo hello"
schedule = "30 2 * * *"

[jobs.fails]
command = "echo bad >&2; exit 3"

[jobs.sleeps]
command = "echo started; exec sleep 60"
grace = "2s"

[jobs.reports]
command = ["true"]
queue = "mail"
group = "evening"
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition outside of this thread."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain: {what}"
        select.select([], [], [], 0.01)


class Site:
    """One installation below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs_file = folder / "jobs.toml"
        self.state_dir = folder / "state"
        self._lock: InstanceLock | None = None
        self.define(JOBS)
        self.ctx: Context = open_context(self.jobs_file, self.state_dir)

    def define(self, text: str) -> None:
        """Replace the jobs file, as an editor does."""
        new = self.jobs_file.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o600)
        new.rename(self.jobs_file)

    def pretend_daemon(self) -> None:
        """Hold the lock of the state directory, so that verbs believe in a daemon that does nothing."""
        _ = self.ctx.store  # makes the state directory
        self._lock = InstanceLock(self.ctx.places.daemon_lock)

    def end_pretending(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def run(self, run_id: int) -> Run:
        run = self.ctx.store.runs.get(run_id)
        assert run is not None
        return run

    def close(self) -> None:
        """Nothing of the site runs on."""
        self.end_pretending()
        for record_file in self.ctx.places.keepers_dir.glob("*"):
            stop_keeper(self.ctx.places.keepers_dir, record_file.name, kill=True)
        self.ctx.close()


class Silent:
    """A watcher that keeps what it is shown, and lets a test act at that moment."""

    def __init__(self) -> None:
        self.shown = b""
        self.reasons: list[str] = []
        self.unstored_ends: list[str] = []
        self.retried: list[int] = []
        self.looks: list[tuple[Status, str | None]] = []
        self.pressed = 0
        self.when_shown: Callable[[], object] = _nothing
        self.when_unstored: Callable[[], object] = _nothing
        self.when_waiting: Callable[[], object] = _nothing
        self.when_looking: Callable[[], object] = _nothing

    def output(self, data: bytes) -> None:
        self.shown += data
        self.when_shown()

    def waits(self, run: Run, why: str) -> None:
        self.reasons.append(why)
        self.when_waiting()

    def retries(self, run: Run) -> None:
        self.retried.append(run.attempt)

    def unstored(self, run: Run, words: str) -> None:
        self.unstored_ends.append(words)
        self.when_unstored()

    def unheard(self, run: Run, reason: str) -> None:
        return

    def looked(self, run: Run, why: str | None) -> None:
        self.looks.append((run.status, why))

    def interrupts(self) -> int:
        self.when_looking()
        return self.pressed

    def press(self) -> None:
        """Ctrl-C."""
        self.pressed += 1


def _nothing() -> None:
    return


def keeper_pid(site: Site, keeper: str) -> int:
    """The process of a keeper, from its record."""
    header = record.read(site.ctx.places.keepers_dir / keeper).header
    assert header is not None
    return header.pid
