"""Pings come by themselves with the starts and ends of runs whose job has a heartbeat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobctl.domain.definition_records import DefinitionChange
from jobctl.domain.heartbeat import Failing, PingKind
from jobctl.domain.run import Status
from jobctl.store.interface import Store
from tests.store.building import NOW, TOKEN, add, begin, conclude, conclude_retrying, define
from tests.store.volume import definition

WITH = definition("backup")._replace(heartbeat=True)


def pings(store: Store) -> list[tuple[str, PingKind, Status | None, int | None]]:
    return [(ping.job, ping.kind, ping.status, ping.exit_code) for ping in store.heartbeats.waiting(100)]


def test_a_start_and_an_end_leave_a_ping_each(store: Store) -> None:
    define(store, WITH, "other")
    for job in ("backup", "other"):
        run_id = add(store, job)
        assert pings(store) == [] or job == "other"
        conclude(store, run_id, begin(store, run_id), Status.FAILED)
    assert pings(store) == [
        ("backup", PingKind.START, None, None),
        ("backup", PingKind.END, Status.FAILED, 3),
    ]
    assert [ping.kind for ping in store.heartbeats.of_run(run_id)] == []


def test_an_attempt_that_another_follows_is_no_end(store: Store) -> None:
    define(store, WITH)
    run_id = add(store, max_attempts=2)
    conclude_retrying(store, run_id, begin(store, run_id), NOW + 5_000)
    assert [kind for _, kind, _, _ in pings(store)] == [PingKind.START]


def test_a_start_that_never_was_takes_its_ping_back(store: Store) -> None:
    define(store, WITH)
    run_id = add(store)
    number = begin(store, run_id)
    assert store.attempts.withdraw(run_id, number, TOKEN, NOW)
    assert pings(store) == []


def test_what_had_no_attempt_has_no_end_to_tell(store: Store) -> None:
    define(store, WITH)
    run_id = add(store)
    assert store.runs.move(run_id, Status.QUEUED, Status.CANCELLED, NOW)
    assert pings(store) == []


def test_a_job_that_loses_its_heartbeat_leaves_no_more_pings(store: Store) -> None:
    define(store, WITH)
    store.heartbeats.fails("backup", "no answer", NOW)
    store.jobs.apply(DefinitionChange((definition("backup"),), (), frozenset()), NOW)
    assert store.heartbeats.failing() == []
    begin(store, add(store))
    assert pings(store) == []


def test_what_was_put_off_waits_and_what_was_sent_is_gone(store: Store) -> None:
    define(store, WITH)
    run_id = add(store)
    begin(store, run_id)
    [ping] = store.heartbeats.of_run(run_id)
    store.heartbeats.put_off(ping.id, NOW + 5_000)
    assert store.heartbeats.waiting(9) == [replace(ping, due_at=NOW + 5_000, tries=1)]
    store.heartbeats.done(ping.id)
    assert store.heartbeats.waiting(9) == []


@pytest.mark.parametrize("job", ["backup", None])
def test_an_address_fails_from_the_first_time_on_until_it_works(store: Store, job: str | None) -> None:
    define(store, WITH)
    assert not store.heartbeats.works(job)
    store.heartbeats.fails(job, "no answer", NOW)
    store.heartbeats.fails(job, "refused", NOW + 1_000)
    assert store.heartbeats.failing() == [Failing(job, NOW, "refused")]
    assert store.heartbeats.works(job)
    assert store.heartbeats.failing() == []
