"""When the dispatcher wants to be called again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.daemon.dispatcher import Dispatcher
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.reserve import DiskReserve
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.errors import CannotStart
from jobctl.store.records import Pause
from tests.daemon.conftest import MONDAY, SECOND

MAIL = '[jobs.mail]\ncommand = "true"\nqueue = "mail"\n'


def dispatcher_of(around: Surroundings, reserve_bytes: int = 0) -> Dispatcher:
    disk = DiskReserve(around.places.state_dir, around.journal, reserve_bytes)
    return Dispatcher(around, Launcher(around), disk)


def queue_one(around: Surroundings) -> int:
    run = NewRun("mail", Origin.MANUAL, Status.QUEUED, created_at=MONDAY, due_at=MONDAY, queue="mail")
    return around.store.runs.add(run).id


@pytest.mark.parametrize("queue", [None, "mail"])
def test_the_end_of_a_pause_is_a_deadline_and_no_more_once_it_has_passed(
    around: Callable[[str], Surroundings], queue: str | None
) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here), queue_one(here)
    here.store.switches.pause(Pause(queue, MONDAY, MONDAY + 5 * SECOND, "test", None))
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() == MONDAY + 5 * SECOND
    dispatcher.tick(MONDAY + 5 * SECOND)
    assert dispatcher.next_at() is None
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.RUNNING


def test_a_pause_without_an_end_is_no_deadline(around: Callable[[str], Surroundings]) -> None:
    here = around(MAIL)
    here.store.switches.pause(Pause(None, MONDAY, None, "test", None))
    dispatcher = dispatcher_of(here)
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() is None


def test_a_backoff_that_passed_with_nothing_left_to_start_is_no_deadline(
    around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here), queue_one(here)

    def refuse() -> str:
        raise CannotStart("no process left")

    monkeypatch.setattr(here.pool, "reserve", refuse)
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() == MONDAY + SECOND
    here.store.runs.request_cancel(run_id, 15, "test", MONDAY)
    dispatcher.tick(MONDAY + SECOND)
    assert dispatcher.next_at() is None


def test_a_full_disk_is_looked_at_again_every_second(around: Callable[[str], Surroundings]) -> None:
    here = around(MAIL)
    dispatcher, run_id = dispatcher_of(here, reserve_bytes=1 << 62), queue_one(here)
    dispatcher.tick(MONDAY)
    assert dispatcher.next_at() == MONDAY + SECOND
    run = here.store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.QUEUED
