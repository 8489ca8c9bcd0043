"""The attempts that run now, with what they use, what they say, and how long they still take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jobctl.domain.eta import remaining_seconds
from jobctl.domain.run import Attempt, Run, Status
from jobctl.operations.context import Context
from jobctl.operations.progress import raw_progress
from jobctl.operations.secrecy import masked_text
from jobctl.operations.usual import usual_seconds
from jobctl.process.usage import Usage, measure
from jobctl.store.records import HistoryFilter

_MOST = 1000
_HABITS_AT_ONCE = 20  # each is a question to the store
_HABIT_HOLDS_MS = 60_000
_MOST_HABITS = 5000


@dataclass(frozen=True, slots=True)
class RunningAttempt:
    """One of them. `cpu_percent` is of one core, since the last look or else since the start; sizes are bytes, rates
    bytes a second, durations seconds; None: not known. `remaining` is negative where the usual time has passed."""

    run: Run
    pid: int | None
    elapsed: float
    usual: float | None
    remaining: float | None
    cpu_percent: float | None
    rss_bytes: int | None
    processes: int | None
    read_rate: float | None
    write_rate: float | None

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked it to stop."""
        return self.run.cancel_signal is not None


class RunningAttempts:
    """Looked at again and again. The rows are read from the store only when something changed there."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._attempts: list[tuple[Run, Attempt]] = []
        self._before: dict[bytes, tuple[int, Usage]] = {}  # by the token of the attempt
        self._habits = _Habits(ctx)
        self._masked: dict[tuple[int, str], str] = {}

    def read(self) -> None:
        """Ask the store which attempts run."""
        runs = self._ctx.store.runs.history(HistoryFilter(statuses=(Status.RUNNING,), limit=_MOST))
        attempts = {attempt.run_id: attempt for attempt in self._ctx.store.attempts.unfinished()}
        self._attempts = [(run, attempts[run.id]) for run in runs if run.id in attempts]

    def forget_secrets(self) -> None:
        """What a secret is may have changed."""
        self._masked.clear()

    def look(self) -> tuple[RunningAttempt, ...]:
        """All of them as they are at this moment, newest first."""
        now, instant = self._ctx.clock.now(), self._ctx.clock.boottime()
        pids = [attempt.pid for _, attempt in self._attempts if attempt.pid is not None]
        used = measure(pids) if pids else {}
        self._habits.renew(run.job for run, _ in self._attempts)
        found = tuple(self._look_at(run, attempt, used, now, instant) for run, attempt in self._attempts)
        self._before = {one.token: (instant, used[one.pid]) for _, one in self._attempts if one.pid in used}
        return found

    def _look_at(self, run: Run, attempt: Attempt, used: dict[int, Usage], now: int, instant: int) -> RunningAttempt:
        run = self._with_progress(run)
        elapsed = max(0, now - attempt.started_at) / 1000
        usual = self._habits.of(run.job)
        usage = used.get(attempt.pid) if attempt.pid is not None else None
        then, before = self._before.get(attempt.token, (instant - round(1000 * elapsed), Usage(0.0, 0, 0, 0, 0)))
        seconds = (instant - then) / 1000
        return RunningAttempt(
            run=run,
            pid=attempt.pid,
            elapsed=elapsed,
            usual=usual,
            remaining=remaining_seconds(elapsed, usual, run.progress),
            cpu_percent=None if usage is None else 100 * (_rate(usage.cpu_seconds, before.cpu_seconds, seconds) or 0.0),
            rss_bytes=None if usage is None else usage.rss_bytes,
            processes=None if usage is None else usage.processes,
            read_rate=None if usage is None else _rate(usage.read_bytes, before.read_bytes, seconds),
            write_rate=None if usage is None else _rate(usage.written_bytes, before.written_bytes, seconds),
        )

    def _with_progress(self, run: Run) -> Run:
        found = raw_progress(self._ctx, run)
        if found is None:
            return run
        percent, message = found
        if message is None:
            return run._replace(progress=percent)
        key = (run.id, message)
        if key not in self._masked:  # which secrets a job has is a question to the store
            self._masked[key] = masked_text(self._ctx, run.job, message)
        return run._replace(progress=percent, message=self._masked[key])


def _rate(now: float | None, before: float | None, seconds: float) -> float | None:
    """Per second. A tree that lost a process which nobody has waited for yet may have used less than before."""
    if now is None or before is None or seconds <= 0:
        return None
    return max(0.0, now - before) / seconds


class _Habits:
    """How long jobs usually take, asked of the store seldom and for a few jobs at a time."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._known: dict[str, tuple[int, float | None]] = {}

    def of(self, job: str) -> float | None:
        return self._known.get(job, (0, None))[1]

    def renew(self, jobs: Iterable[str]) -> None:
        instant = self._ctx.clock.boottime()
        if len(self._known) > _MOST_HABITS:
            self._known.clear()
        old = [job for job in dict.fromkeys(jobs) if not self._holds(job, instant)]
        for job in old[:_HABITS_AT_ONCE]:
            self._known[job] = instant, usual_seconds(self._ctx, job)

    def _holds(self, job: str, instant: int) -> bool:
        return job in self._known and instant - self._known[job][0] < _HABIT_HOLDS_MS
