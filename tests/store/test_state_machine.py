"""Any sequence of moves, against a model of a few lines."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from jobctl.domain.admission import rank
from jobctl.domain.run import DEAD, NewRun, Origin, Status
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter
from tests.store.building import NOW, TOKEN, WITHOUT_ATTEMPT, conclude, conclude_retrying, define
from tests.store.conftest import open_sqlite

JOBS = ("backup", "rotate")
QUEUES = ("default", "reports")
MOST_RUNS = 6  # few, so that each has many moves
GOOD = frozenset({Origin.SCHEDULE, Origin.CATCH_UP})


@dataclass
class Kept:
    """A run as the model has it."""

    job: str
    queue: str
    origin: Origin
    status: Status
    priority: int
    due_at: int
    attempt: int = 0
    cancel: bool = False
    dead: bool = False

    def as_new(self, now: int) -> NewRun:
        return NewRun(self.job, self.origin, self.status, now, self.due_at, priority=self.priority, queue=self.queue)


@dataclass
class Job:
    """What the model knows of a job."""

    streak: int = 0
    last: int | None = None
    missed: int = 0  # starts in a row
    before: int = 0  # that were missed before what runs now was claimed
    since: int = 0  # when the first of them was due
    runs: dict[int, Kept] = field(default_factory=dict)


class Moves(RuleBasedStateMachine):
    """Every rule does the same to the store and to the model."""

    ids = Bundle("ids")

    @initialize()
    def open(self) -> None:
        self.directory = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.store: Store = open_sqlite(Path(self.directory.name))
        define(self.store, *JOBS)
        self.runs: dict[int, Kept] = {}
        self.jobs = {name: Job() for name in JOBS}
        self.now = NOW

    def teardown(self) -> None:
        self.store.close()
        self.directory.cleanup()

    @precondition(lambda self: len(self.runs) < MOST_RUNS)
    @rule(
        target=ids, job=st.sampled_from(JOBS), queue=st.sampled_from(QUEUES), priority=st.integers(1, 10),
        origin=st.sampled_from([Origin.SCHEDULE, Origin.MANUAL]), later=st.sampled_from([0, 0, 5000]),
    )  # fmt: skip
    def add(self, job: str, queue: str, priority: int, origin: Origin, later: int) -> int:
        self.now += 1
        kept = Kept(job, queue, origin, Status.SCHEDULED if later else Status.QUEUED, priority, self.now + later)
        run_id = self.store.runs.add(kept.as_new(self.now)).id
        self.runs[run_id] = kept
        return run_id

    @precondition(lambda self: len(self.runs) < MOST_RUNS - 2)
    @rule(
        target=ids,
        wishes=st.lists(
            st.tuples(st.sampled_from(JOBS), st.sampled_from(QUEUES), st.sampled_from([0, 0, 5000])), max_size=3
        ),
    )
    def add_together(self, wishes: list[tuple[str, str, int]]) -> MultipleResults[int]:
        self.now += 1
        made = [
            Kept(job, queue, Origin.QUEUE, Status.SCHEDULED if later else Status.QUEUED, 5, self.now + later)
            for job, queue, later in wishes
        ]
        ids = [one.id for one in self.store.runs.add_many([kept.as_new(self.now) for kept in made])]
        self.runs.update(zip(ids, made, strict=True))
        return multiple(*ids)

    @rule()
    def begin_what_waits(self) -> None:
        for run in self.store.runs.waiting(3, (), ()):
            self.begin(run.id)

    @rule(run_id=ids)
    def begin(self, run_id: int) -> None:
        kept = self.runs[run_id]
        number = self.store.attempts.begin(run_id, TOKEN, "keeper", self.now)
        assert number == (kept.attempt + 1 if kept.status is Status.QUEUED else None)
        if number:
            kept.status, kept.attempt = Status.RUNNING, number
            job = self.jobs[kept.job]
            job.missed, job.before = 0, job.missed or job.before

    @rule(job=st.sampled_from(JOBS), count=st.integers(1, 3))
    def miss(self, job: str, count: int) -> None:
        self.store.jobs.missed(job, count, self.now)
        found = self.jobs[job]
        found.since = found.since if found.missed else self.now
        found.missed, found.before = found.missed + count, 0

    @rule(run_id=ids, status=st.sampled_from([*DEAD, Status.SUCCEEDED, Status.CANCELLED]))
    def end(self, run_id: int, status: Status) -> None:
        kept = self.runs[run_id]
        self.now += 1
        happened = conclude(self.store, run_id, kept.attempt, status, self.now)
        assert happened == (kept.status is Status.RUNNING)
        if happened:
            self._ended(run_id, kept, status)

    @rule(run_id=ids, wait=st.integers(1, 3000))
    def end_for_another_attempt(self, run_id: int, wait: int) -> None:
        kept = self.runs[run_id]
        happened = conclude_retrying(self.store, run_id, kept.attempt, self.now + wait, self.now)
        assert happened == (kept.status is Status.RUNNING)
        if happened and kept.cancel:
            self._ended(run_id, kept, Status.CANCELLED)
        elif happened:
            kept.status, kept.due_at = Status.RETRYING, self.now + wait
            self._did_begin(run_id)

    @rule(run_id=ids)
    def withdraw(self, run_id: int) -> None:
        kept = self.runs[run_id]
        happened = self.store.attempts.withdraw(run_id, kept.attempt, TOKEN, self.now)
        assert bool(happened) == (kept.status is Status.RUNNING)
        if happened:
            kept.status = Status.CANCELLED if kept.cancel else Status.QUEUED
            kept.attempt -= 1
            job = self.jobs[kept.job]
            if kept.cancel and kept.attempt:
                self._did_begin(run_id)
            elif not any(
                self._has_begun_since(other_id)
                for other_id, other in self.runs.items()
                if other.job == kept.job and other.status is Status.RUNNING
            ):
                job.missed, job.before = job.missed or job.before, 0
            if kept.cancel and kept.attempt:
                self.jobs[kept.job].last = run_id
            kept.cancel = False

    @rule(run_id=ids)
    def cancel(self, run_id: int) -> None:
        kept = self.runs[run_id]
        was = self.store.runs.request_cancel(run_id, 15, "anna", self.now)
        assert was == (None if kept.status.is_final else kept.status)
        if kept.status is Status.RUNNING:
            kept.cancel = True
        elif was:
            self._ended(run_id, kept, Status.CANCELLED)

    @rule(run_id=ids, step=st.sampled_from(WITHOUT_ATTEMPT))
    def move(self, run_id: int, step: tuple[Status, Status]) -> None:
        source, target = step
        kept = self.runs[run_id]
        happened = self.store.runs.move(run_id, source, target, self.now, "a test")
        assert happened == (kept.status is source)
        if happened and target.is_final:
            self._ended(run_id, kept, target)
        elif happened:
            kept.status = target

    @rule(run_id=ids, extra=st.integers(1, 3))
    def retry(self, run_id: int, extra: int) -> None:
        kept = self.runs[run_id]
        happened = self.store.runs.retry(run_id, self.now, extra)
        assert happened == (kept.status in DEAD | {Status.CANCELLED})
        if happened:
            kept.status, kept.due_at, kept.dead = Status.QUEUED, self.now, False

    @rule(passed=st.integers(1, 4000))
    def let_time_pass(self, passed: int) -> None:
        self.now += passed
        due = [
            kept
            for kept in self.runs.values()
            if kept.status in (Status.SCHEDULED, Status.RETRYING) and kept.due_at <= self.now
        ]
        assert self.store.runs.release_due(self.now) == len(due)
        for kept in due:
            kept.status = Status.QUEUED

    @rule(run_id=ids)
    def undo(self, run_id: int) -> None:
        """A transaction that fails leaves no trace, whatever it did."""
        try:
            with self.store.transaction():
                self.store.attempts.begin(run_id, TOKEN, "keeper", self.now)
                self.store.runs.request_cancel(run_id, 15, "anna", self.now)
                self.store.runs.retry(run_id, self.now, 1)
                raise TimeoutError
        except TimeoutError:
            pass

    def _did_begin(self, run_id: int) -> None:
        """What was missed before the run began is told no more, whatever is withdrawn."""
        if self._has_begun_since(run_id):
            self.jobs[self.runs[run_id].job].before = 0

    def _has_begun_since(self, run_id: int) -> bool:
        """Whether its first attempt came after the first start that was missed: one that had been under way before says
        nothing of those."""
        run = self.store.runs.get(run_id)
        assert run is not None
        return run.started_at is None or run.started_at >= self.jobs[run.job].since

    def _ended(self, run_id: int, kept: Kept, status: Status) -> None:
        kept.status, kept.cancel = status, False
        kept.dead = status in DEAD
        job = self.jobs[kept.job]
        if kept.attempt:
            job.last = run_id
            self._did_begin(run_id)
        if kept.attempt and status is Status.SUCCEEDED:
            job.streak = max(job.streak, 0) + 1
        elif kept.attempt and status in DEAD:
            job.streak = min(job.streak, 0) - 1
        if status is Status.SUCCEEDED and kept.origin in GOOD:
            for other_id, other in self.runs.items():
                if other.job == kept.job and other.origin in GOOD and other_id < run_id:
                    other.dead = False

    @invariant()
    def the_store_tells_what_the_model_knows(self) -> None:
        stored = {run.id: run for run in self.store.runs.history(HistoryFilter(limit=10_000))}
        assert {
            run_id: (run.status, run.attempt, run.dead_letter, run.cancel_signal is not None)
            for run_id, run in stored.items()
        } == {run_id: (kept.status, kept.attempt, kept.dead, kept.cancel) for run_id, kept in self.runs.items()}
        statuses = [kept.status for kept in self.runs.values()]
        assert self.store.runs.counts() == {status: statuses.count(status) for status in Status}

    @invariant()
    def jobs_are_counted_right(self) -> None:
        for row in self.store.jobs.rows():
            statuses = [kept.status for kept in self.runs.values() if kept.job == row.name]
            assert (row.queued, row.running) == (statuses.count(Status.QUEUED), statuses.count(Status.RUNNING))
            assert (row.streak, row.last_run_id) == (self.jobs[row.name].streak, self.jobs[row.name].last)
            assert row.missed == self.jobs[row.name].missed

    @invariant()
    def the_queue_is_in_order_whatever_is_held(self) -> None:
        for jobs, queues in (((), ()), (JOBS[:1], ()), ((), QUEUES[:1]), (JOBS, ())):
            expected = sorted(
                (rank(kept.priority, kept.due_at), run_id)
                for run_id, kept in self.runs.items()
                if kept.status is Status.QUEUED and kept.job not in jobs and kept.queue not in queues
            )
            found = [run.id for run in self.store.runs.waiting(3, jobs, queues)]
            assert found == [run_id for _, run_id in expected[:3]]

    @invariant()
    def what_is_unfinished_runs(self) -> None:
        running = {run_id for run_id, kept in self.runs.items() if kept.status is Status.RUNNING}
        assert {attempt.run_id for attempt in self.store.attempts.unfinished()} == running


Moves.TestCase.settings = settings(max_examples=40, stateful_step_count=50)
TestMoves = Moves.TestCase
