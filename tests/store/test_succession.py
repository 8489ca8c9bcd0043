"""Ends become the runs that they start."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.definition_records import JobDefinition
from jobctl.domain.run import Run, Status
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter
from jobctl.store.succession import Started, follow_ends
from tests.store.building import NOW, add, begin, conclude, define, run_of, run_through
from tests.store.conftest import Factory
from tests.store.volume import definition


def after(name: str, overlap: str = "skip", *, enabled: bool = True, **chain: list[str]) -> JobDefinition:
    """A job that comes after others."""
    keys = {
        "after": [], "after_failure": [], "after_any": [], "overlap": overlap, "priority": 5, "queue": "default",
        "retries": 0, "start_deadline": None, "enabled": enabled, **chain,
    }  # fmt: skip
    parents = tuple(parent for names in chain.values() for parent in names)
    text = json.dumps(keys)
    return definition(name)._replace(definition=text, hash=text, parents=parents, enabled=enabled)


def follow(store: Store, *, scheduling: bool = True) -> list[Started]:
    with store.transaction():
        return follow_ends(store, NOW + 2000, scheduling=scheduling)


def runs(store: Store, job: str) -> list[Run]:
    return list(reversed(store.runs.history(HistoryFilter(jobs=(job,)))))


def test_an_end_starts_every_job_that_comes_after_it_once(store: Store) -> None:
    followers = after("check", after=["dump"]), after("copy", after_any=["dump"]), after("cry", after_failure=["dump"])
    define(store, "dump", *followers)
    parent = run_through(store, "dump", Status.SUCCEEDED)
    assert [one.run.job for one in follow(store)] == ["check", "copy"]
    assert follow(store) == []
    for job in ("check", "copy"):
        (run,) = runs(store, job)
        assert (run.status, run.origin.word, run.parent_id) == (Status.QUEUED, "chain", parent)
    assert runs(store, "cry") == []


def test_the_end_of_a_child_starts_its_own_children(store: Store) -> None:
    define(store, "a", after("b", after=["a"]), after("c", after=["b"]))
    run_through(store, "a", Status.SUCCEEDED)
    (made,) = follow(store)
    conclude(store, made.run_id, begin(store, made.run_id), Status.SUCCEEDED)
    assert [(one.run.job, one.end.run_id) for one in follow(store)] == [("c", made.run_id)]


def test_a_join_remembers_over_processes_what_has_arrived(factory: Factory) -> None:
    first = factory()
    define(first, "a", "b", after("both", after=["a", "b"]))
    one = run_through(first, "a", Status.SUCCEEDED)
    assert follow(first) == []
    second = factory()
    other = run_through(second, "b", Status.SUCCEEDED)
    (made,) = follow(second)
    assert [end.run_id for end in first.chains.parents(made.run_id)] == [other, one]
    run_through(first, "b", Status.SUCCEEDED)
    assert follow(first) == []


def test_a_parent_that_is_retried_by_hand_starts_its_children_when_it_succeeds(store: Store) -> None:
    define(store, "a", after("good", after=["a"]), after("bad", after_failure=["a"]))
    parent = run_through(store, "a", Status.FAILED)
    assert [one.run.job for one in follow(store)] == ["bad"]
    store.runs.retry(parent, NOW, 1)
    conclude(store, parent, begin(store, parent), Status.SUCCEEDED)
    assert [one.run.job for one in follow(store)] == ["good"]


def test_the_same_end_told_again_by_a_cancelled_retry_starts_nothing(store: Store) -> None:
    define(store, "a", after("always", after_any=["a"]))
    parent = run_through(store, "a", Status.FAILED)
    assert len(follow(store)) == 1
    store.runs.retry(parent, NOW, 1)
    store.runs.request_cancel(parent, 15, "anna", NOW)
    assert store.chains.has_ends()
    assert follow(store) == []


def test_an_active_run_of_the_child_has_the_new_one_skipped_with_its_name(store: Store) -> None:
    define(store, "a", after("b", after=["a"]))
    run_through(store, "a", Status.SUCCEEDED)
    run_through(store, "a", Status.SUCCEEDED)
    first, second = follow(store)
    assert (run_of(store, first.run_id).status, run_of(store, second.run_id).status) == (Status.QUEUED, Status.SKIPPED)
    assert "overlap" in (run_of(store, second.run_id).reason or "")
    assert second.end.run_id == run_of(store, second.run_id).parent_id


@pytest.mark.parametrize(
    ("overlap", "first"),
    [("queue", Status.QUEUED), ("allow", Status.QUEUED), ("replace", Status.CANCELLED)],
)
def test_the_other_overlap_rules_hold_for_children_as_for_slots(store: Store, overlap: str, first: Status) -> None:
    define(store, "a", after("b", overlap, after=["a"]))
    run_through(store, "a", Status.SUCCEEDED)
    follow(store)
    run_through(store, "a", Status.SUCCEEDED)
    follow(store)
    assert [run.status for run in runs(store, "b")] == [first, Status.QUEUED]


def test_replace_asks_a_running_child_to_stop(store: Store) -> None:
    define(store, "a", after("b", "replace", after=["a"]))
    running = add(store, "b")
    begin(store, running)
    run_through(store, "a", Status.SUCCEEDED)
    follow(store)
    assert run_of(store, running).cancel_signal == 15


@pytest.mark.parametrize("off", ["by hand", "in the file", "everything"])
def test_an_end_that_meets_a_job_that_is_off_makes_no_run_and_counts_for_nothing_later(store: Store, off: str) -> None:
    define(store, "a", "b", after("both", after=["a", "b"], enabled=off != "in the file"))
    if off == "by hand":
        store.jobs.disable("both", "anna", NOW, None, None)
    run_through(store, "a", Status.SUCCEEDED)
    assert follow(store, scheduling=off != "everything") == []
    assert not store.chains.has_ends()
    store.jobs.enable("both", "anna", NOW)
    define(store, "a", "b", after("both", after=["a", "b"]))
    run_through(store, "b", Status.SUCCEEDED)
    assert follow(store) == []
    run_through(store, "a", Status.SUCCEEDED)
    assert len(follow(store)) == 1


def test_a_disabling_whose_time_is_over_holds_nothing_up(store: Store) -> None:
    define(store, "a", after("b", after=["a"]))
    store.jobs.disable("b", "anna", NOW, NOW + 2000, None)
    run_through(store, "a", Status.SUCCEEDED)
    assert len(follow(store)) == 1


def test_many_ends_are_followed_in_parts(store: Store) -> None:
    define(store, "a", after("b", "queue", after=["a"]))
    with store.transaction():
        for _ in range(450):
            run_through(store, "a", Status.SUCCEEDED)
    made = []
    while store.chains.has_ends():
        made.append(len(follow(store)))
    assert made == [200, 200, 50]
    assert store.runs.counts()[Status.QUEUED] == 450
