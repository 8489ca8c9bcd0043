"""Ends are kept until they are followed, and start a job at most once."""

from __future__ import annotations

import pytest

from jobctl.domain.definition_records import DefinitionChange
from jobctl.domain.run import NewRun, Origin, RunEnd, Status
from jobctl.store.interface import Store
from tests.store.building import (
    NOW,
    TOKEN,
    add,
    begin,
    conclude,
    conclude_retrying,
    define,
    new_run,
    run_of,
    run_through,
)
from tests.store.conftest import Factory
from tests.store.volume import definition


@pytest.fixture
def store(store: Store) -> Store:
    """`verify` comes after `dump` and `load`."""
    define(store, "dump", "load", definition("verify")._replace(parents=("dump", "load")))
    return store


def child(**changes: object) -> NewRun:
    return new_run("verify", origin=Origin.CHAIN)._replace(**changes)  # type: ignore[arg-type]


def end_of(store: Store, status: Status = Status.SUCCEEDED, job: str = "dump") -> RunEnd:
    """A run of the job that ended so, taken."""
    run_through(store, job, status)
    (end,) = store.chains.take_ends(10)
    return end


def undefine(store: Store, name: str) -> None:
    store.jobs.apply(DefinitionChange((), (name,), frozenset()), NOW)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, Status.LOST])
def test_every_end_after_an_attempt_is_kept_with_the_run(store: Store, status: Status) -> None:
    assert not store.chains.has_ends()
    run_id = run_through(store, "dump", status)
    assert store.chains.has_ends()
    assert store.chains.take_ends(10) == [RunEnd("dump", run_id, 1, status, NOW + 1000)]
    assert not store.chains.has_ends()


def test_ends_are_taken_oldest_first_and_no_more_than_asked_for(store: Store) -> None:
    runs = [run_through(store, job, Status.SUCCEEDED) for job in ("dump", "load", "dump")]
    assert [end.run_id for end in store.chains.take_ends(2)] == runs[:2]
    assert [end.run_id for end in store.chains.take_ends(2)] == runs[2:]
    assert store.chains.take_ends(2) == []


def test_nothing_is_kept_of_a_run_that_nobody_waits_for(store: Store) -> None:
    run_through(store, "verify", Status.SUCCEEDED)
    run_through(store, "from-cron", Status.SUCCEEDED)
    assert not store.chains.has_ends()


def test_a_run_that_never_had_an_attempt_is_no_end(store: Store) -> None:
    for target in (Status.SKIPPED, Status.MISSED, Status.CANCELLED):
        store.runs.move(add(store, "dump"), Status.QUEUED, target, NOW, "a test")
    store.runs.request_cancel(add(store, "dump"), 15, "anna", NOW)
    withdrawn = add(store, "dump")
    number = begin(store, withdrawn)
    store.runs.request_cancel(withdrawn, 15, "anna", NOW)
    store.attempts.withdraw(withdrawn, number, TOKEN, NOW)
    assert run_of(store, withdrawn).status is Status.CANCELLED
    assert not store.chains.has_ends()


def test_an_attempt_that_is_followed_by_another_is_no_end_and_its_cancelling_is_one(store: Store) -> None:
    run_id = add(store, "dump", max_attempts=2)
    conclude_retrying(store, run_id, begin(store, run_id), NOW + 5000)
    assert not store.chains.has_ends()
    store.runs.request_cancel(run_id, 15, "anna", NOW + 2000)
    assert store.chains.take_ends(10) == [RunEnd("dump", run_id, 1, Status.CANCELLED, NOW + 2000)]


def test_a_run_that_is_retried_by_hand_ends_once_more(store: Store) -> None:
    first = end_of(store, Status.FAILED)
    store.runs.retry(first.run_id, NOW + 2000, 1)
    conclude(store, first.run_id, begin(store, first.run_id), Status.SUCCEEDED, NOW + 3000)
    assert store.chains.take_ends(10) == [first._replace(attempt=2, status=Status.SUCCEEDED, finished_at=NOW + 3000)]


def test_an_end_goes_with_the_transaction_that_is_undone(store: Store, factory: Factory) -> None:
    run_id = add(store, "dump")
    number = begin(store, run_id)
    with pytest.raises(TimeoutError), store.transaction():  # noqa: PT012
        conclude(store, run_id, number, Status.SUCCEEDED)
        raise TimeoutError
    assert not store.chains.has_ends()
    conclude(store, run_id, number, Status.SUCCEEDED)
    with pytest.raises(TimeoutError), store.transaction():  # noqa: PT012
        assert len(store.chains.take_ends(10)) == 1
        raise TimeoutError
    assert len(factory().chains.take_ends(10)) == 1


def test_followers_are_those_that_are_defined_to_come_after(store: Store) -> None:
    assert store.chains.followers("dump") == ["verify"]
    assert store.chains.followers("verify") == []
    assert store.chains.followers("nobody") == []
    store.jobs.apply(DefinitionChange((definition("verify")._replace(parents=("load",)),), (), frozenset()), NOW)
    assert store.chains.followers("dump") == []
    assert store.chains.followers("load") == ["verify"]
    undefine(store, "verify")
    assert store.chains.followers("load") == []


def test_a_child_knows_its_parents_and_they_know_it(store: Store) -> None:
    dumped, loaded = end_of(store), end_of(store, Status.FAILED, "load")._replace(result='{"rows":3}')
    run_id = store.chains.start(child(parent_id=loaded.run_id), [loaded, dumped])
    assert run_id is not None
    assert store.chains.parents(run_id) == [loaded, dumped]
    assert [run.id for run in store.chains.children(dumped.run_id, 10)] == [run_id]
    assert [run.id for run in store.chains.children(loaded.run_id, 10)] == [run_id]
    assert store.chains.parents(dumped.run_id) == []
    assert run_of(store, run_id).parent_id == loaded.run_id


def test_an_end_starts_a_job_once_and_each_job_that_comes_after_it(store: Store) -> None:
    end, other = end_of(store), end_of(store, job="load")
    assert store.chains.start(child(), [end]) is not None
    assert store.chains.start(child(), [end]) is None
    assert store.chains.start(child(), [other, end]) is None
    assert store.chains.start(child()._replace(job="report"), [end]) is not None
    assert store.chains.start(child(), [end._replace(attempt=2)]) is not None
    assert store.runs.counts()[Status.QUEUED] == 3


def test_the_newest_end_of_each_parent_waits_until_it_starts_the_job(store: Store) -> None:
    older, newer, loaded = end_of(store, Status.FAILED), end_of(store), end_of(store, job="load")
    for end in (older, newer, loaded):
        store.chains.arrive("verify", end)
    assert store.chains.arrivals("verify") == {"dump": newer, "load": loaded}
    store.chains.start(child(), [newer])
    assert store.chains.arrivals("verify") == {"load": loaded}


@pytest.mark.parametrize("off", ["disabled", "switched off in the file", "removed", "not after it any more"])
def test_what_has_arrived_is_forgotten_where_the_job_does_not_wait_for_it_any_more(store: Store, off: str) -> None:
    store.chains.arrive("verify", end_of(store))
    verify = definition("verify")._replace(parents=("dump", "load"))
    store.jobs.apply(DefinitionChange((verify,), (), frozenset()), NOW)
    assert list(store.chains.arrivals("verify")) == ["dump"]
    if off == "disabled":
        store.jobs.disable("verify", "anna", NOW, None, None)
    elif off == "removed":
        undefine(store, "verify")
    else:
        changed = verify._replace(enabled=False) if "file" in off else verify._replace(parents=("load",))
        store.jobs.apply(DefinitionChange((changed,), (), frozenset()), NOW)
    assert store.chains.arrivals("verify") == {}


def test_a_deleted_parent_is_still_what_started_its_child_and_a_deleted_child_is_gone(store: Store) -> None:
    end = end_of(store)
    run_id = store.chains.start(child(parent_id=end.run_id), [end])
    assert run_id is not None
    assert store.runs.delete(end.run_id)
    assert store.chains.parents(run_id) == [end]
    store.runs.move(run_id, Status.QUEUED, Status.CANCELLED, NOW)
    assert store.runs.delete(run_id)
    assert store.chains.children(end.run_id, 10) == []


def test_waiting_children_go_with_their_job(store: Store) -> None:
    run_id = store.chains.start(child(), [end_of(store)])
    assert run_id is not None
    undefine(store, "verify")
    run = run_of(store, run_id)
    assert (run.status, run.reason) == (Status.CANCELLED, "the job was removed from the jobs file")
