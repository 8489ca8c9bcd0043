"""What a transaction promises."""

from __future__ import annotations

import pytest

from jobctl.domain.run import Status
from jobctl.store.interface import Store
from tests.store.building import NOW, add, new_run, run_of
from tests.store.conftest import Factory


class Mishap(Exception):
    """Something in the middle of a transaction."""


def test_an_exception_undoes_everything(store: Store) -> None:
    kept = add(store)
    with pytest.raises(Mishap), store.transaction():  # noqa: PT012
        lost = add(store, "never-seen-before")
        store.runs.move(kept, Status.QUEUED, Status.CANCELLED, NOW)
        raise Mishap
    assert store.runs.get(lost) is None
    assert run_of(store, kept).status is Status.QUEUED
    assert store.runs.counts()[Status.QUEUED] == 1
    assert run_of(store, add(store, "never-seen-before")).job == "never-seen-before"


def test_an_exception_in_an_inner_transaction_cannot_be_swallowed(store: Store) -> None:
    with pytest.raises(RuntimeError, match="undone"), store.transaction():  # noqa: PT012
        outer = add(store)
        with pytest.raises(Mishap), store.transaction():
            raise Mishap
    assert store.runs.get(outer) is None
    assert add(store), "the next transaction is a new one"


def test_nothing_is_written_after_an_inner_transaction_failed(store: Store) -> None:
    with pytest.raises(RuntimeError, match="undone"), store.transaction():  # noqa: PT012
        with pytest.raises(Mishap), store.transaction():  # noqa: PT012
            add(store)
            raise Mishap
        add(store)
    assert sum(store.runs.counts().values()) == 0


def test_a_transaction_that_writes_nothing_waits_for_nobody(store: Store, factory: Factory) -> None:
    writer = factory()
    with writer.transaction():
        add(writer)
        with store.transaction():
            assert store.runs.get(1) is None
    with store.transaction():
        pass


def test_what_is_read_in_a_snapshot_is_of_one_instant(store: Store, factory: Factory) -> None:
    writer = factory()
    add(writer)
    with store.snapshot(), store.snapshot():
        assert store.runs.counts()[Status.QUEUED] == 1
        added = add(writer)
        assert store.runs.counts()[Status.QUEUED] == 1
        assert store.runs.get(added) is None
    assert store.runs.counts()[Status.QUEUED] == 2


def test_nothing_is_written_in_a_snapshot(store: Store) -> None:
    with pytest.raises(RuntimeError, match="nothing is written in a snapshot"), store.snapshot():
        add(store)
    with store.transaction():
        run_id = add(store)
        with store.snapshot():
            assert run_of(store, run_id).status is Status.QUEUED
    assert run_of(store, run_id), "it is left as it was entered"


def test_a_locked_transaction_may_write_nothing(store: Store, factory: Factory) -> None:
    with store.transaction(locked=True), store.transaction(locked=True):
        pass
    assert add(factory())


def test_a_store_that_is_closed_in_the_middle_keeps_nothing(factory: Factory) -> None:
    interrupted = factory()
    interrupted.transaction().__enter__()
    run_id = add(interrupted)
    interrupted.close()
    store = factory()
    assert store.runs.get(run_id) is None
    assert store.runs.add(new_run()).id


def test_a_checkpoint_loses_nothing_and_readers_may_stay(store: Store, factory: Factory) -> None:
    reader = factory()
    run_id = add(store)
    store.checkpoint()
    assert run_of(reader, run_id) == run_of(store, run_id)


def test_an_exception_in_a_part_undoes_the_part_alone(store: Store) -> None:
    with store.transaction():
        before = add(store)
        with pytest.raises(Mishap), store.part():  # noqa: PT012
            lost = add(store, "never-seen-before")
            store.runs.move(before, Status.QUEUED, Status.CANCELLED, NOW)
            raise Mishap
        after = add(store, "never-seen-before")
    assert store.runs.get(lost) is None
    assert run_of(store, before).status is Status.QUEUED
    assert run_of(store, after).job == "never-seen-before"
    assert store.runs.counts()[Status.QUEUED] == 2


def test_what_goes_wrong_in_an_inner_transaction_of_a_part_is_undone_with_the_part(store: Store) -> None:
    with store.transaction():
        kept = add(store)
        with pytest.raises(Mishap), store.part(), store.transaction():  # noqa: PT012
            add(store)
            raise Mishap
    assert store.runs.counts()[Status.QUEUED] == 1
    assert run_of(store, kept).status is Status.QUEUED


def test_an_exception_that_is_swallowed_inside_a_part_undoes_it(store: Store) -> None:
    with store.transaction():
        kept = add(store)
        with pytest.raises(RuntimeError, match="undone"), store.part():  # noqa: PT012
            add(store)
            with pytest.raises(Mishap), store.transaction():
                raise Mishap
            with pytest.raises(RuntimeError, match="spoilt"):
                add(store)
    assert store.runs.counts()[Status.QUEUED] == 1
    assert run_of(store, kept).status is Status.QUEUED


def test_a_part_that_goes_well_is_lost_with_its_transaction(store: Store) -> None:
    with pytest.raises(Mishap), store.transaction():  # noqa: PT012
        with store.part():
            lost = add(store)
        raise Mishap
    assert store.runs.get(lost) is None
    with pytest.raises(RuntimeError, match="belongs into a transaction"), store.part():
        pass
