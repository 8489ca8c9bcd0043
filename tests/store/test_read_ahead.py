"""The runs that start next may be read ahead; nobody can tell but by the time it takes."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable

import pytest

from jobctl.domain.outcome import Conclusion
from jobctl.domain.run import Status
from jobctl.store.interface import Store
from tests.store.building import NOW, TOKEN, add, begin, conclude, end_of
from tests.store.conftest import Factory


def waiting(store: Store, limit: int = 3) -> list[int]:
    return [run.id for run in store.runs.waiting(limit, (), ())]


def test_claims_and_ends_take_one_after_the_other(store: Store) -> None:
    ids = [add(store) for _ in range(100)]
    for place, run_id in enumerate(ids):
        assert waiting(store) == ids[place : place + 3]
        with store.transaction():
            number = begin(store, run_id)
        with store.transaction():
            conclude(store, run_id, number, Status.SUCCEEDED)
    assert waiting(store) == []


def _another_adds(store: Store, other: Store, ids: list[int]) -> list[int]:
    return [add(other, priority=9), *ids]


def _another_claims(store: Store, other: Store, ids: list[int]) -> list[int]:
    begin(other, ids[0])
    return ids[1:]


def _another_cancels(store: Store, other: Store, ids: list[int]) -> list[int]:
    other.runs.request_cancel(ids[1], signal.SIGTERM, "test", NOW)
    return [ids[0], *ids[2:]]


def _one_is_added(store: Store, other: Store, ids: list[int]) -> list[int]:
    return [add(store, priority=9), *ids]


def _one_is_missed(store: Store, other: Store, ids: list[int]) -> list[int]:
    store.runs.move(ids[0], Status.QUEUED, Status.MISSED, NOW, "a test")
    return ids[1:]


def _one_is_claimed_out_of_turn(store: Store, other: Store, ids: list[int]) -> list[int]:
    begin(store, ids[1])
    return [ids[0], *ids[2:]]


def _one_is_withdrawn(store: Store, other: Store, ids: list[int]) -> list[int]:
    number = begin(store, ids[0])
    assert waiting(store) == ids[1:4]
    store.attempts.withdraw(ids[0], number, TOKEN, NOW)
    return ids


def _a_claim_is_undone(store: Store, other: Store, ids: list[int]) -> list[int]:
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012
        begin(store, ids[0])
        assert waiting(store) == ids[1:4]
        raise ZeroDivisionError
    return ids


def _a_part_is_undone(store: Store, other: Store, ids: list[int]) -> list[int]:
    with store.transaction():
        with pytest.raises(ZeroDivisionError), store.part():  # noqa: PT012
            begin(store, ids[0])
            assert waiting(store) == ids[1:4]
            raise ZeroDivisionError
        assert waiting(store) == ids[:3]
    return ids


def _a_retry_is_due(store: Store, other: Store, ids: list[int]) -> list[int]:
    number = begin(store, ids[0])
    retrying = Conclusion(Status.FAILED, Status.RETRYING, None, NOW, dead_letter=False)
    store.attempts.conclude(ids[0], number, end_of(Status.FAILED), retrying)
    assert waiting(store) == ids[1:4]
    store.runs.release_due(NOW)
    return ids


Change = Callable[[Store, Store, list[int]], list[int]]
CHANGES: list[Change] = [
    _another_adds, _another_claims, _another_cancels, _one_is_added, _one_is_missed, _one_is_claimed_out_of_turn,
    _one_is_withdrawn, _a_claim_is_undone, _a_part_is_undone, _a_retry_is_due,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_whatever_changes_what_waits_is_seen_at_once(change: Change, store: Store, factory: Factory) -> None:
    ids = [add(store) for _ in range(10)]
    assert waiting(store) == ids[:3]
    left = change(store, factory(), ids)
    assert waiting(store) == left[:3]
    assert waiting(store, 20) == left


def test_what_is_closed_now_was_not_read_ahead(store: Store) -> None:
    first, second = add(store, "first"), add(store, "second")
    assert waiting(store) == [first, second]
    assert [run.id for run in store.runs.waiting(3, {"first"}, ())] == [second]
    assert waiting(store) == [first, second]


def test_a_run_is_as_it_is_now(store: Store, factory: Factory) -> None:
    run_id = add(store)
    waiting(store)
    factory().runs.request_cancel(run_id, signal.SIGTERM, "test", NOW)
    assert waiting(store) == []
    factory().runs.retry(run_id, NOW, 1, '{"to": "here"}')
    [run] = store.runs.waiting(3, (), ())
    assert run.params == '{"to": "here"}'


def test_the_same_is_found_as_by_somebody_who_has_read_nothing_before(store: Store, factory: Factory) -> None:
    """Whatever is closed, opened, added, claimed and ended meanwhile."""
    chance = random.Random(7)
    other, jobs = factory(), [f"job-{number}" for number in range(8)]
    begun: list[tuple[int, int]] = []
    for _ in range(400):
        limit, closed = chance.randint(1, 40), chance.sample(jobs, chance.randint(0, 5))
        found = [run.id for run in store.runs.waiting(limit, closed, ())]
        assert found == [run.id for run in other.runs.waiting(limit, closed, ())]
        match chance.randrange(4):
            case 0:
                add(store, chance.choice(jobs), due_at=NOW - chance.randrange(10**9))
            case 1 if begun:
                conclude(store, *begun.pop(chance.randrange(len(begun))), Status.SUCCEEDED)
            case 2 if found:
                claimed = chance.choice(found)
                begun.append((claimed, begin(store, claimed)))
            case _:
                for name in chance.sample(jobs, 5):
                    add(store, name, due_at=NOW - chance.randrange(10**9))
    other.close()
