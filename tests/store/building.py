"""What the tests of the store build again and again."""

from __future__ import annotations

from typing import Any

from jobctl.domain.definition_records import DefinitionChange, JobDefinition
from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.run import DEAD, MOVES, NewRun, Origin, Run, Status
from jobctl.store.interface import Store
from tests.store.volume import definition

NOW = 1_795_000_000_000
TOKEN = b"0123456789abcdef"
WITHOUT_ATTEMPT = [
    (source, target)
    for source, targets in MOVES.items()
    for target in sorted(targets)
    if not source.is_final and Status.RUNNING not in (source, target)
]
"""The moves that `RunStore.move` makes."""


def define(store: Store, *jobs: str | JobDefinition, now: int = NOW) -> None:
    """Make these the definitions, all new."""
    made = tuple(definition(job) if isinstance(job, str) else job for job in jobs)
    store.jobs.apply(DefinitionChange(made, (), frozenset(job.name for job in made)), now)


def new_run(job: str = "backup", **changes: Any) -> NewRun:
    """A queued run that somebody asked for."""
    run = NewRun(job=job, origin=Origin.MANUAL, status=Status.QUEUED, created_at=NOW, due_at=NOW)
    return run._replace(**changes)


def add(store: Store, job: str = "backup", **changes: Any) -> int:
    return store.runs.add(new_run(job, **changes)).id


def run_of(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run is not None
    return run


def begin(store: Store, run_id: int, now: int = NOW + 10) -> int:
    number = store.attempts.begin(run_id, TOKEN, "keeper-1", now)
    assert number is not None
    return number


def end_of(status: Status, now: int = NOW + 1000) -> AttemptEnd:
    return AttemptEnd(
        token=TOKEN,
        started_at=None if status is Status.LOST else now - 500,
        finished_at=now,
        exit_code={Status.SUCCEEDED: 0, Status.FAILED: 3}.get(status),
        signal=15 if status in (Status.TIMED_OUT, Status.CANCELLED) else None,
        error="the keeper was killed" if status is Status.LOST else None,
        timed_out=status is Status.TIMED_OUT,
        stopped=status is Status.CANCELLED,
        lost=status is Status.LOST,
    )


def conclude(store: Store, run_id: int, number: int, status: Status, now: int = NOW + 1000) -> bool:
    """End an attempt and its run with `status`."""
    end = end_of(status, now)
    conclusion = Conclusion(status, status, end.error, None, dead_letter=status in DEAD)
    return store.attempts.conclude(run_id, number, end, conclusion)


def conclude_retrying(store: Store, run_id: int, number: int, due_at: int, now: int = NOW + 1000) -> bool:
    """End an attempt that failed and is followed by another."""
    conclusion = Conclusion(Status.FAILED, Status.RETRYING, None, due_at, dead_letter=False)
    return store.attempts.conclude(run_id, number, end_of(Status.FAILED, now), conclusion)


def run_through(store: Store, job: str, status: Status, now: int = NOW, **changes: Any) -> int:
    """A run of `job` with one attempt that ended so."""
    run_id = add(store, job, created_at=now, **changes)
    assert conclude(store, run_id, begin(store, run_id, now), status, now + 1000)
    return run_id
