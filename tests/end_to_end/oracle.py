"""Did anything get lost? Answered from what clients were told and what the jobs themselves wrote, against what jobctl
shows. Nothing here imports jobctl.

The rules are those of SEMANTICS, section 4: no acknowledged run missing; nothing started twice; exit codes and logs
equal; `lost` only where it must be; nothing left over; limits kept; the database whole.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import closing
from typing import Any

from tests.end_to_end import processes
from tests.end_to_end.daemon_process import Daemon
from tests.end_to_end.installation import Installation
from tests.end_to_end.waiting import until
from tests.end_to_end.workload import MAX_CONCURRENT, WORKLOAD, Work, testimonies

_FINAL = {"succeeded", "failed", "timed_out", "cancelled", "skipped", "missed", "lost"}


class Oracle:
    """The verdict on an installation whose runs have all ended.

    `lost` is how many runs may and must be lost, None where any number may (a power cut). `logs` is False where what
    jobs wrote need not have reached the disk.
    """

    def __init__(
        self,
        installation: Installation,
        workload: Mapping[str, Work] = WORKLOAD,
        *,
        lost: int | None = 0,
        logs: bool = True,
        max_concurrent: int = MAX_CONCURRENT,
    ) -> None:
        self._installation = installation
        self._workload = workload
        self._lost = lost
        self._logs = logs
        self._max_concurrent = max_concurrent
        self._acknowledged = installation.ledger.runs()
        self._witness = testimonies(installation.folder)
        self._runs: dict[str, dict[str, Any]] = {}

    def violations(self) -> list[str]:
        """Every broken promise, in words; empty when all were kept."""
        self._runs = {run["id"]: run for run in self._installation.history()}
        return [
            *self._missing(),
            *self._unfinished(),
            *self._started_twice(),
            *self._started_without_a_run(),
            *self._wrong_ends(),
            *self._wrong_logs(),
            *self._wrong_losses(),
            *self._above_limits(),
            *damage(self._installation),
        ]

    def _missing(self) -> list[str]:
        return [
            f"{run} ({job}) was acknowledged and is gone"
            for run, job in self._acknowledged.items()
            if run not in self._runs
        ]

    def _unfinished(self) -> list[str]:
        return [
            f"{run} is still {shown['status']}" for run, shown in self._runs.items() if shown["status"] not in _FINAL
        ]

    def _started_twice(self) -> list[str]:
        starts = Counter((line.run, line.attempt) for line in self._witness if line.event == "start")
        return [
            f"{run}, attempt {number}, was started {count} times"
            for (run, number), count in starts.items()
            if count > 1
        ]

    def _started_without_a_run(self) -> list[str]:
        started = {line.run: line.attempt for line in self._witness if line.event == "start"}
        broken = []
        for run, attempt in started.items():
            if run not in self._runs:
                broken.append(f"{run} was started and is not in the history")
            elif self._runs[run]["attempt"] < attempt:
                broken.append(f"{run}: attempt {attempt} was started, the history knows {self._runs[run]['attempt']}")
        return broken

    def _wrong_ends(self) -> list[str]:
        ended = {line.run for line in self._witness if line.event == "end"}
        broken = []
        for run, shown in self._runs.items():
            if shown["status"] == "lost":
                continue
            expected = self._workload[shown["job"]]
            told = (shown["status"], shown["exit_code"], shown["signal"])
            if told != (expected.status, expected.exit_code, expected.signal):
                broken.append(f"{run} ({shown['job']}) ended as {expected}, the history says {told}: {shown['reason']}")
            elif shown["attempt"] != expected.attempts:
                broken.append(f"{run} ({shown['job']}) took {shown['attempt']} attempts, not {expected.attempts}")
            elif run not in ended:
                broken.append(f"{run} is told to have ended and its job never did")
        return broken

    def _wrong_logs(self) -> list[str]:
        """The log of the last attempt, and the size of all."""
        broken: list[str] = []
        for run, shown in self._runs.items() if self._logs else ():
            attempt = shown["attempt"]
            if shown["status"] != "lost" and attempt:
                written, expected = self._installation.log(run, attempt), f"output of {run}-{attempt}\n".encode()
                if written != expected:
                    broken.append(f"the log of {run} holds {written!r}, its job wrote {expected!r}")
                if shown["log_bytes"] != len(expected) * attempt:  # of all attempts
                    broken.append(f"{run} is told to have written {shown['log_bytes']} bytes, not {len(expected)}")
        return broken

    def _wrong_losses(self) -> list[str]:
        lost = [run for run, shown in self._runs.items() if shown["status"] == "lost"]
        silent = [f"{run} is lost without a reason" for run in lost if not self._runs[run]["reason"]]
        if self._lost is None or len(lost) == self._lost:
            return silent
        return [*silent, f"{len(lost)} runs are lost instead of {self._lost}: {lost[:5]}"]

    def _above_limits(self) -> list[str]:
        """An end is written before the process ends, so what is counted here is never more than what ran."""
        running: set[tuple[str, int]] = set()
        highest: Counter[str] = Counter()
        total = 0
        for line in self._witness:
            if line.event == "start":
                running.add((line.run, line.attempt))
            elif line.event == "cut":
                running.clear()
            else:
                running.discard((line.run, line.attempt))
            total = max(total, len(running))
            per_job = Counter(self._job_of(run) for run, _ in running)
            highest |= per_job  # the larger of the two, per job
        broken = [] if total <= self._max_concurrent else [f"{total} ran at once, {self._max_concurrent} may"]
        return broken + [
            f"{count} runs of {job} ran at once, {self._workload[job].at_once} may"
            for job, count in highest.items()
            if job in self._workload and count > self._workload[job].at_once
        ]

    def _job_of(self, run: str) -> str:
        return str(self._runs[run]["job"]) if run in self._runs else "?"


def damage(installation: Installation) -> list[str]:
    """What SQLite itself says of the database; empty when it is whole."""
    path = installation.state_dir / "jobctl.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        answers = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
        answers += [f"foreign key: {row}" for row in database.execute("PRAGMA foreign_key_check")]
    return [f"database: {answer}" for answer in answers if answer != "ok"]


def leftovers(installation: Installation, daemon: Daemon) -> list[str]:
    """Stops a daemon that has nothing to do and tells what stayed behind of it and of those before it."""
    zombies = processes.children(daemon.pid, "Z")
    busy = processes.busy_keepers(installation.state_dir)
    code = daemon.stop()
    until(lambda: not processes.keepers(installation.state_dir), "the keepers of a stopped daemon have gone")
    records = sorted(path.name for path in (installation.state_dir / "keepers").iterdir())
    return [
        *([] if code == 0 else [f"the daemon ended with {code} after SIGTERM"]),
        *[f"zombie {pid} under the daemon" for pid in zombies],
        *[f"keeper {name} (pid {pid}) is busy with nothing" for pid, name in busy.items()],
        *[f"the record of keeper {name} stayed behind" for name in records],
    ]


def require(violations: Collection[str]) -> None:
    """AssertionError with the first broken promises."""
    assert not violations, f"{len(violations)} broken promises:\n  " + "\n  ".join(list(violations)[:20])
