"""Buckets of rate limits: durable with the start that took from them, and given back by a start that never was."""

from __future__ import annotations

from typing import Any

import pytest

from jobctl.domain.rate_limit import Bucket, give_back
from jobctl.store.interface import Store
from tests.store.building import NOW, TOKEN, add, begin, define
from tests.store.conftest import Factory

BUCKET = Bucket(NOW * 1000 + 123, 2_000_000)


def test_a_bucket_is_kept_by_the_name_of_its_queue(store: Store, factory: Factory) -> None:
    assert store.rates.buckets() == {}
    store.rates.keep("mail", BUCKET)
    store.rates.keep("reports", Bucket(5, 6))
    store.rates.keep("reports", Bucket(7, 8))
    assert factory().rates.buckets() == {"mail": BUCKET, "reports": Bucket(7, 8)}


def test_a_token_is_taken_together_with_its_claim_or_not_at_all(store: Store) -> None:
    define(store, "backup")
    run_id = add(store)

    def claim_and_fail() -> None:
        with store.transaction():
            begin(store, run_id)
            store.rates.keep("default", BUCKET)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        claim_and_fail()
    assert store.rates.buckets() == {}
    assert store.attempts.of_run(run_id) == []


@pytest.mark.parametrize("wishes", [{}, {"blame": True}])
def test_a_withdrawn_start_gives_its_token_back_once(store: Store, wishes: dict[str, Any]) -> None:
    define(store, "backup")
    run_id = add(store)
    other = add(store, queue="other")
    for queue in ("default", "other"):
        store.rates.keep(queue, BUCKET)
    begin(store, other)
    number = begin(store, run_id)
    assert store.attempts.withdraw(run_id, number, TOKEN, NOW + 20, **wishes)
    assert not store.attempts.withdraw(run_id, number, TOKEN, NOW + 21, **wishes)
    assert store.rates.buckets() == {"default": give_back(BUCKET), "other": BUCKET}
