"""Which runs a history shows."""

from __future__ import annotations

import random

import pytest

from jobctl.domain.run import Origin, Run, Status
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter
from tests.store.building import NOW, add, begin, conclude, conclude_retrying, run_of

JOBS = ("backup", "rotate", "report")
MINUTE = 60_000


@pytest.fixture
def made(store: Store) -> list[Run]:
    """Sixty runs, one a minute, in every status, newest first."""
    chance = random.Random(7)
    ids = []
    with store.transaction():
        for minute in range(60):
            status = Status(list(Status)[minute % len(Status)])
            job, origin = chance.choice(JOBS), chance.choice([Origin.SCHEDULE, Origin.MANUAL])
            ids.append(make_in(store, status, job, origin, NOW + minute * MINUTE))
    return [run_of(store, run_id) for run_id in reversed(ids)]


def make_in(store: Store, status: Status, job: str, origin: Origin, now: int) -> int:
    born = status if status in (Status.SCHEDULED, Status.SKIPPED, Status.MISSED) else Status.QUEUED
    run_id = add(store, job, origin=origin, status=born, created_at=now, due_at=now, reason="a test")
    if born is status:
        return run_id
    number = begin(store, run_id, now)
    if status is Status.RETRYING:
        conclude_retrying(store, run_id, number, now + 5)
    elif status.is_final:
        conclude(store, run_id, number, status, now)
    return run_id


@pytest.mark.parametrize(
    "wanted",
    [
        HistoryFilter(),
        HistoryFilter(limit=7),
        HistoryFilter(limit=7, offset=50),
        HistoryFilter(offset=100),
        HistoryFilter(jobs=("backup",)),
        HistoryFilter(jobs=("backup", "report"), limit=5, offset=3),
        HistoryFilter(jobs=("unknown",)),
        HistoryFilter(jobs=("unknown", "rotate")),
        *[HistoryFilter(statuses=(status,)) for status in Status],
        HistoryFilter(statuses=(Status.FAILED, Status.RUNNING, Status.SCHEDULED), limit=4, offset=2),
        HistoryFilter(statuses=(Status.SUCCEEDED, Status.FAILED)),
        HistoryFilter(statuses=(Status.FAILED,), jobs=("backup", "rotate")),
        HistoryFilter(origins=(Origin.MANUAL,)),
        HistoryFilter(origins=(Origin.EXEC,)),
        HistoryFilter(since=NOW + 10 * MINUTE, until=NOW + 20 * MINUTE),
        HistoryFilter(since=NOW + 10 * MINUTE, statuses=(Status.LOST, Status.MISSED), origins=(Origin.SCHEDULE,)),
        HistoryFilter(dead_letters=True),
        HistoryFilter(dead_letters=True, jobs=("backup",), statuses=(Status.TIMED_OUT,)),
    ],
    ids=str,
)
def test_a_history_shows_the_newest_that_fit(store: Store, made: list[Run], wanted: HistoryFilter) -> None:
    expected = [run for run in made if fits(run, wanted)]
    assert store.runs.history(wanted) == expected[wanted.offset : wanted.offset + wanted.limit]


def test_a_follower_gets_what_is_newer_oldest_first(store: Store, made: list[Run]) -> None:
    last = made[20]
    assert store.runs.history(HistoryFilter(after_id=last.id)) == made[:20][::-1]
    only = HistoryFilter(after_id=last.id, jobs=("backup",), limit=3)
    assert store.runs.history(only) == [run for run in made[:20][::-1] if run.job == "backup"][:3]
    assert store.runs.history(HistoryFilter(after_id=made[0].id)) == []


def fits(run: Run, wanted: HistoryFilter) -> bool:
    return (
        (not wanted.jobs or run.job in wanted.jobs)
        and (not wanted.statuses or run.status in wanted.statuses)
        and (not wanted.origins or run.origin in wanted.origins)
        and (wanted.since is None or run.created_at >= wanted.since)
        and (wanted.until is None or run.created_at < wanted.until)
        and (not wanted.dead_letters or run.dead_letter)
    )


def test_runs_to_name_are_the_newest_and_whatever_their_age_those_that_are_not_over_or_failed(store: Store) -> None:
    kinds = (Status.SCHEDULED, Status.QUEUED, Status.RUNNING, Status.RETRYING, Status.FAILED)
    with store.transaction():
        old = [make_in(store, status, "backup", Origin.MANUAL, NOW) for status in (Status.CANCELLED, *kinds)]
        new = [make_in(store, Status.SUCCEEDED, "backup", Origin.MANUAL, NOW + MINUTE) for _ in range(3)]
    assert [run.id for run in store.runs.to_name(2)] == [new[2], new[1], *reversed(old[1:])]


def test_runs_to_name_are_bounded_by_kind(store: Store) -> None:
    with store.transaction():
        for status in (Status.QUEUED, Status.RETRYING, Status.FAILED):
            for _ in range(5):
                make_in(store, status, "backup", Origin.MANUAL, NOW)
    named = [run.status for run in store.runs.to_name(2)]
    assert (named.count(Status.QUEUED), named.count(Status.RETRYING)) == (2, 2)
    assert named[:2] == [Status.FAILED] * 2
