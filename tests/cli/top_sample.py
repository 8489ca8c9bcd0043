"""A busy moment, for screens of `top` that are always the same."""

from __future__ import annotations

from typing import Any

from jobctl.domain.eta import remaining_seconds
from jobctl.domain.rate_limit import RateLimit
from jobctl.domain.run import Origin, Run, Status
from jobctl.operations.queues import QueueState
from jobctl.operations.running_attempts import RunningAttempt
from jobctl.operations.starts import Start
from jobctl.operations.status import DaemonState
from jobctl.operations.top import HostUse, Snapshot, Stored
from jobctl.store.records import Pause
from tests.cli.showcase import NOW, ZONE

_FIRST_ID = 0x0D_0000_0000_0000


def run(number: int, job: str, status: Status = Status.RUNNING, **changes: Any) -> Run:
    made = Run(
        id=_FIRST_ID + number, job=job, status=status, origin=Origin.SCHEDULE, reason=None, slot=None, created_at=NOW,
        due_at=NOW, started_at=NOW - 60_000, finished_at=None if status is Status.RUNNING else NOW - 90_000 * number,
        exit_code=3 if status is Status.FAILED else None, signal=None, attempt=1, max_attempts=1, priority=5,
        queue="default", params=None, key=None, result=None, progress=None, message=None, parent_id=None,
        cpu_seconds=None, max_rss_bytes=None, log_bytes=None, dead_letter=status is not Status.RUNNING, keep=False,
        cancel_signal=None,
    )  # fmt: skip
    return made._replace(**changes)


def attempt(
    number: int, job: str, cpu: float, memory: float, elapsed: float, usual: float | None = None, **changes: Any
) -> RunningAttempt:
    one = run(number, job, **changes)
    return RunningAttempt(
        run=one, pid=4000 + number, elapsed=elapsed, usual=usual,
        remaining=remaining_seconds(elapsed, usual, one.progress), cpu_percent=cpu, rss_bytes=round(memory * 1e6),
        processes=1 + number % 3, read_rate=0.0, write_rate=1e6 * cpu,
    )  # fmt: skip


def snapshot(running: int = 6) -> Snapshot:
    """So many running attempts, three queues, what is next and what failed."""
    rows = [
        attempt(1, "compress-archive", 183.0, 412, 312, 290, max_attempts=3, attempt=2),
        attempt(2, "index-documents", 61.5, 96, 48, 120, progress=40.0, message="rows \x1b[31m 4,000 of 10,000"),
        attempt(3, "database-dump", 12.25, 5200, 1900, 600),
        attempt(4, "send-email", 0.0, 18.2, 0.4, 0.5),
        attempt(5, "resize-photos-of-the-whole-year", 97.0, 240, 75, None, cancel_signal=15),
        attempt(6, "überprüfung", 3.0, 30, 5, 30),
        *(attempt(number, f"sleeper-{number:02}", 0.0, 3.4, 100 + number, 3600) for number in range(7, running + 1)),
    ][:running]
    return Snapshot(
        at=NOW,
        host=HostUse("vm", (97.0, 42.5), (3.82, 2.1, 0.95), 25_300_000_000, 18_000_000_000, 2_000_000_000,
                     1_500_000_000, 270_000_000_000, 84_400_000_000),
        counts={Status.QUEUED: 12, Status.RUNNING: running, Status.SUCCEEDED: 5210, Status.FAILED: 3},
        running=tuple(rows),
        stored=Stored(
            daemon=DaemonState(True, 815, "0.1.0", NOW - 86_400_000, "/srv/jobs.toml", NOW, 42, True),
            queues=(
                QueueState("default", 0, 4, None, None, None, None),
                QueueState("heavy", 12, 2, 2, RateLimit(30, 60.0), NOW + 2_000, None),
                QueueState("mail", 0, 0, 4, None, None, Pause("mail", NOW, None, "ann", None)),
            ),
            pauses=(Pause("mail", NOW, None, "ann", None),),
            next=tuple(
                Start(NOW + 7_000 * 5**number, job, ZONE, "every 90s")
                for number, job in enumerate(("site-up", "disk-report", "rotate-copies", "nightly-backup"))
            ),
            failed=(
                run(21, "site-up", Status.FAILED), run(22, "await-upload", Status.TIMED_OUT),
                run(23, "import-orders", Status.LOST, reason="its keeper was killed", dead_letter=False),
            ),
            missed=(),
            minutes=tuple(minute % 13 for minute in range(120)),
            alerts=2,
            alerts_high=1,
            notes=("jobs.toml has changed since the daemon loaded it (`jobctl reload`)",),
        ),
    )  # fmt: skip
