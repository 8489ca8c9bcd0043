"""An installation with a past, a present and a future, on a clock that stands still, for the screens of verbs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobctl.cli.main import call
from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.run import DEAD, NewRun, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.instance_lock import InstanceLock
from jobctl.operations.context import Context
from jobctl.operations.definitions import ensure_current
from jobctl.store.records import ServiceInfo
from jobctl.wiring import open_context

NOW = 1_795_374_309_000  # 2026-11-22T19:05:09Z, a Sunday, 20:05:09 in Berlin
ZONE = "Europe/Berlin"
TOKEN = b"0123456789abcdef"
_ID = re.compile(r"\b0[0-9a-hjkmnp-tv-z]{11}\b")
_SCREENS = Path(__file__).parent / "screens"

JOBS = """\
[jobs.backup]
command = "pg_dump app | zstd > /backup/app.zst"
description = "Dump the application database"
group = "system"
tags = ["db", "critical"]
schedule = "30 2 * * *"
timezone = "Europe/Berlin"
retries = 2
timeout = "1h"

[jobs.mail-queue]
command = ["/usr/bin/mailq", "-v"]
every = "90s"
group = "mail"

[jobs.report]
command = "make report"
schedule = "0 8 * * 1"
timezone = "Europe/Berlin"
tags = ["db"]

[jobs.rotate]
command = "logrotate /etc/logrotate.conf"
"""


@dataclass
class FakeClock:
    """A clock that goes only when told to."""

    at: int = NOW

    def now(self) -> int:
        return self.at

    def boottime(self) -> int:
        return self.at


@dataclass(frozen=True)
class Result:
    """What a call showed and how it exited."""

    status: int
    out: str
    err: str


class Showcase:
    """A jobs file, a real store, and calls of the real command line in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.jobs_file = folder / "jobs.toml"
        self.clock = FakeClock()
        self._capsys = capsys
        self._lock: InstanceLock | None = None
        self._begun = 0
        self.define(JOBS)
        self.context = self.open()

    def open(self) -> Context:
        opened = open_context(self.jobs_file, self.folder / "state")
        opened.clock = self.clock
        return opened

    def close(self) -> None:
        self.context.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def pretend_daemon(self) -> None:
        """Hold the daemon's lock, and say of it what a daemon says."""
        self._lock = InstanceLock(self.context.places.daemon_lock)
        info = ServiceInfo(os.getpid(), "0.1.0", NOW - 86_400_000, str(self.jobs_file), NOW - 3_600_000, "boot", 0)
        self.context.store.service.started(info)
        self.context.store.service.beat(NOW - 5_000)

    def pretend_daemon_of_loaded_jobs(self) -> None:
        self.load()
        self.pretend_daemon()

    def define(self, text: str) -> None:
        self.jobs_file.write_text(text)
        self.jobs_file.chmod(0o600)

    def load(self) -> None:
        ensure_current(self.context)

    def call(self, *arguments: str) -> Result:
        self._capsys.readouterr()
        status = call([*arguments])
        out, err = self._capsys.readouterr()
        return Result(int(status), self._steady(out), self._steady(err))

    def add(self, job: str = "backup", origin: Origin = Origin.SCHEDULE, **changes: object) -> int:
        """A queued run, made now."""
        new = NewRun(job=job, origin=origin, status=Status.QUEUED, created_at=self.clock.at, due_at=self.clock.at)
        return self.context.store.runs.add(new._replace(**changes)).id  # type: ignore[arg-type]

    def begin(self, run_id: int, delay: int = 40) -> int:
        number = self.context.store.attempts.begin(run_id, TOKEN, "keeper-1", self.clock.at + delay)
        assert number is not None
        self.context.store.attempts.started(run_id, number, TOKEN, 4711)
        self._begun = self.clock.at + delay
        return number

    def end(
        self, run_id: int, number: int, status: Status, seconds: float = 12.5, *, retry_in: float | None = None,
        result: str | None = None, **changes: object,
    ) -> None:  # fmt: skip
        """End an attempt so, `seconds` after now; the clock goes there."""
        self.clock.at += round(seconds * 1000)
        end = AttemptEnd(
            token=TOKEN, started_at=self._begun, finished_at=self.clock.at,
            exit_code={Status.SUCCEEDED: 0, Status.FAILED: 3}.get(status),
            signal=15 if status is Status.TIMED_OUT else None,
            cpu_seconds=0.25, max_rss_bytes=12_000_000, log_bytes=2048,
        )  # fmt: skip
        end = end._replace(**changes)  # type: ignore[arg-type]
        due_at = None if retry_in is None else self.clock.at + round(1000 * retry_in)
        final = Status.RETRYING if due_at is not None else status
        conclusion = Conclusion(status, final, end.error, due_at, dead_letter=due_at is None and status in DEAD)
        conclusion = conclusion._replace(result=result)
        assert self.context.store.attempts.conclude(run_id, number, end, conclusion)

    def run_through(self, job: str, status: Status, **changes: object) -> int:
        """A run with one attempt that ended so."""
        run_id = self.add(job)
        self.end(run_id, self.begin(run_id), status, **changes)  # type: ignore[arg-type]
        return run_id

    def write_log(self, run_id: int, number: int, content: bytes) -> Path:
        path = self.context.places.log_file(run_id, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def run(self, run_id: int) -> Run:
        found = self.context.store.runs.get(run_id)
        assert found is not None
        return found

    def fill(self) -> dict[str, str]:
        """A daemon and some history; the ids by a name. The clock is back at NOW afterwards."""
        self.pretend_daemon_of_loaded_jobs()
        self.clock.at = NOW - 3 * 86_400_000
        ids = {"old": self.run_through("backup", Status.SUCCEEDED, seconds=63)}
        self.clock.at = NOW - 7_200_000
        ids["failed"] = self.add("backup", max_attempts=2)
        self.end(ids["failed"], self.begin(ids["failed"]), Status.FAILED, retry_in=30)
        self.clock.at += 30_000
        self.context.store.runs.release_due(self.clock.at)
        self.end(ids["failed"], self.begin(ids["failed"]), Status.TIMED_OUT, seconds=3600)
        self.clock.at = NOW - 600_000
        ids["killed"] = self.run_through("report", Status.FAILED, exit_code=None, signal=9, error="killed by SIGKILL")
        self.clock.at = NOW - 120_000
        ids["mail"] = self.run_through("mail-queue", Status.SUCCEEDED, seconds=0.4, result='{"letters":3}')
        self.write_log(ids["mail"], 1, b"3 letters\n\x1b[31msent\x1b[0m\n\xff\n")
        self.clock.at = NOW - 60_000
        ids["running"] = self.add("mail-queue", Origin.MANUAL)
        self.begin(ids["running"])
        self.clock.at = NOW - 30_000
        skipped = NewRun(
            job="mail-queue", origin=Origin.SCHEDULE, status=Status.SKIPPED, created_at=self.clock.at,
            due_at=self.clock.at, slot=self.clock.at // 1000, reason="an earlier run was still active",
        )  # fmt: skip
        ids["skipped"] = self.context.store.runs.add(skipped).id
        self.clock.at = NOW
        return {name: to_text(run_id) for name, run_id in ids.items()}

    def _steady(self, text: str) -> str:
        """The text with ids and paths that are the same in every test."""
        numbers: dict[str, str] = {}
        text = text.replace(str(self.folder), "/srv").replace(f"pid {os.getpid()}", "pid 815")
        text = re.sub(r"\n +/srv", " /srv", text)  # a folder of tests is long enough for a line of its own
        return _ID.sub(lambda match: numbers.setdefault(match[0], f"id{len(numbers) + 1:010d}"), text)


def assert_screen(name: str, text: str) -> None:
    """Compare with the screen kept under that name; with JOBCTL_KEEP_SCREENS=1 keep it instead."""
    path = _SCREENS / f"{name}.txt"
    if os.environ.get("JOBCTL_KEEP_SCREENS") == "1":
        path.write_text(text)
    assert text == path.read_text()


@contextmanager
def local_zone(monkeypatch: pytest.MonkeyPatch, zone: str = ZONE) -> Iterator[None]:
    """The reader's zone for the time of a test."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        yield
    finally:
        monkeypatch.undo()
        time.tzset()
