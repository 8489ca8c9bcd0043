"""Keepers get ready side by side, while the store is free, and before the slot that needs them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest

from jobctl.domain.run import Status
from jobctl.errors import CannotStart
from jobctl.process import crew
from jobctl.process.link import Link, spawn
from jobctl.store.sqlite.write_lock import WriteLock
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import MINUTE, SECOND

Assemble = Callable[[str], Assembly]
AT_ONCE = "[daemon]\nmax_concurrent = 3\n" + "".join(gated(name, 'every = "10m"') for name in ("a", "b", "c", "d"))


def test_the_store_is_free_while_keepers_start(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(AT_ONCE)
    free: list[bool] = []

    def look(*where: Any) -> Link:
        with closing(WriteLock(here.around.places.write_lock)) as lock:
            free.append(lock.try_acquire())
        return spawn(*where)

    monkeypatch.setattr(crew, "spawn", look)
    runs = [here.add(name) for name in ("a", "b", "c")]
    here.tick()
    assert [here.status(run) for run in runs] == [Status.RUNNING, Status.QUEUED, Status.QUEUED]
    assert free == [True, True], "the two that are lacking start side by side"
    here.tick_until(lambda: here.around.store.runs.counts()[Status.RUNNING] == 3, "each that is ready starts a run")
    assert free == [True, True]


def test_keepers_are_ready_before_the_slot_that_needs_them(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(AT_ONCE)
    here.tick(2 * MINUTE)
    slot = here.clock.now() + 8 * MINUTE
    assert here.loop._next_at() <= slot - SECOND
    here.tick(8 * MINUTE - 2 * SECOND)
    assert here.around.pool.prepared == 1, "not too early"
    assert here.loop._next_at() == slot - SECOND
    here.tick(SECOND)
    here.tick_until(lambda: here.around.pool.prepared == 3, "as many as may start at once")
    assert here.loop._next_at() == slot
    monkeypatch.setattr(crew, "spawn", None)
    here.tick(SECOND)
    here.tick_until(lambda: here.store.runs.counts()[Status.RUNNING] == 3, "they serve the slot")
    assert here.store.runs.counts()[Status.QUEUED] == 1


def test_nobody_is_woken_for_a_slot_that_the_keepers_at_hand_can_serve(assemble: Assemble) -> None:
    here = assemble(gated("a", 'every = "5s"'))
    here.tick(SECOND)
    assert here.loop._next_at() == here.clock.now() + 4 * SECOND


def test_keepers_that_cannot_be_started_ahead_hold_up_nothing(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(AT_ONCE)

    def refuse(*where: Any) -> Link:
        raise CannotStart("no process left")

    here.tick(2 * MINUTE)
    monkeypatch.setattr(crew, "spawn", refuse)
    here.tick(8 * MINUTE - SECOND)
    here.tick(SECOND)
    assert here.store.runs.counts()[Status.RUNNING] == 1, "the keeper at hand works"
    assert here.loop._next_at() == here.clock.now() + SECOND, "and the others are tried again"
    with suppress(CannotStart):
        here.around.pool.reserve()
