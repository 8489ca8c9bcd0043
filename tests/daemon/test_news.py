"""A tick asks for what only others write when others have written, and loses nothing of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from jobctl.store.interface import Store
from jobctl.store.records import Pause
from jobctl.store.sqlite.store import SqliteStore
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import SECOND

Assemble = Callable[[str], Assembly]
JOBS = gated("work", "max_concurrent = 1") + '[jobs.quick]\ncommand = "true"\n'


class Elsewhere:
    """What another process does, and the ticks of a loop that looks whether one has written."""

    def __init__(self, here: Assembly) -> None:
        self.here = here
        self.store: Store = SqliteStore.open(here.around.places.database, here.around.places.write_lock)
        here.tick()
        here.store.changed()

    def tick(self) -> None:
        self.here.loop.tick(self.here.clock.pass_time(SECOND), alone=not self.here.store.changed())


@pytest.fixture
def elsewhere(assemble: Assemble) -> Iterator[Elsewhere]:
    made = Elsewhere(assemble(JOBS))
    yield made
    made.store.close()


def pause(elsewhere: Elsewhere, until: int | None = None) -> None:
    now = elsewhere.here.clock.now()
    elsewhere.store.switches.pause(Pause(None, now, until, "test", None))


def test_nothing_is_asked_that_nobody_can_have_changed(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    store = elsewhere.here.store
    monkeypatch.setattr(elsewhere.here.steps.alerter, "tick", lambda now: None)  # it looks once a second by itself
    for room, question in (
        (store.service, "open_reloads"), (store.jobs, "generation"), (store.runs, "cancel_requests"),
        (store.chains, "has_ends"), (store.switches, "pauses"),
    ):  # fmt: skip
        answer = getattr(room, question)

        def ask(*words: object, question: str = question, answer: Callable[..., object] = answer) -> object:
            asked.append(question)
            return answer(*words)

        monkeypatch.setattr(room, question, ask)
    elsewhere.tick()
    assert asked == []
    elsewhere.store.service.beat(elsewhere.here.clock.now())
    elsewhere.tick()
    assert sorted(asked) == ["cancel_requests", "generation", "has_ends", "has_ends", "open_reloads", "pauses"]


def test_a_pause_that_comes_while_nothing_may_start_is_not_forgotten(elsewhere: Elsewhere) -> None:
    here = elsewhere.here
    here.steps.dispatcher.draining = True
    pause(elsewhere)
    elsewhere.tick()
    here.steps.dispatcher.draining = False
    run_id = here.add("quick")
    for _ in range(3):
        elsewhere.tick()
    assert here.status(run_id) is Status.QUEUED
    elsewhere.store.switches.resume(None, "test", here.clock.now())
    elsewhere.tick()
    assert here.status(run_id) is Status.RUNNING


def test_a_pause_ends_although_nobody_writes(elsewhere: Elsewhere) -> None:
    here = elsewhere.here
    pause(elsewhere, until=here.clock.now() + 3 * SECOND)
    run_id = here.add("quick")
    elsewhere.tick()
    elsewhere.tick()
    assert here.status(run_id) is Status.QUEUED
    elsewhere.tick()
    assert here.status(run_id) is Status.RUNNING


def test_what_a_failed_tick_has_seen_is_asked_for_again(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    here = elsewhere.here
    pause(elsewhere)
    with monkeypatch.context() as patched:

        def fail(now: int) -> None:
            raise DiskFull("no space left")

        patched.setattr(here.steps.reloader, "tick", fail)
        elsewhere.tick()
    run_id = here.add("quick")
    elsewhere.tick()
    assert here.status(run_id) is Status.QUEUED


def test_a_stop_that_could_not_be_sent_is_tried_again(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    here = elsewhere.here
    run_id = here.begin("work")
    elsewhere.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    with monkeypatch.context() as patched:

        def fail(*_: object) -> bool:
            raise OSError("no descriptor left")

        patched.setattr(here.around.pool, "stop", fail)
        elsewhere.tick()
    elsewhere.tick()
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is stopped")


def test_a_run_that_takes_the_place_of_another_stops_it_in_the_same_tick(assemble: Assemble) -> None:
    here = assemble(gated("work", 'overlap = "replace"', 'every = "1m"'))
    elsewhere = Elsewhere(here)
    here.clock.pass_time(60 * SECOND)
    elsewhere.tick()
    here.tick_until((Path(here.folder) / "work").exists, "the first runs")
    [first] = here.runs("work")
    here.store.changed()
    here.clock.pass_time(60 * SECOND)
    elsewhere.tick()
    flight = here.around.in_flight.get(here.attempt(first.id).token)
    assert flight is not None
    assert flight.stop_sent == signal.SIGTERM
    elsewhere.store.close()


def test_a_run_that_is_found_after_it_was_asked_to_stop_is_stopped(elsewhere: Elsewhere) -> None:
    here = elsewhere.here
    run_id = here.begin("work")
    token = here.attempt(run_id).token
    here.around.in_flight.remove(token)  # as if another process had begun it
    elsewhere.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    elsewhere.tick()
    flight = here.around.in_flight.get(token)
    assert flight is not None
    assert [flight.stop_sent] == [None]
    elsewhere.tick()
    assert flight.stop_sent == signal.SIGTERM
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is stopped")


def test_a_run_that_began_beside_the_daemon_is_found_and_stopped_although_nothing_else_happens(
    elsewhere: Elsewhere,
) -> None:
    here = elsewhere.here
    run_id = here.begin("work")
    token = here.attempt(run_id).token
    elsewhere.tick()
    here.around.in_flight.remove(token)  # as if another process had begun it
    elsewhere.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    here.tick()  # too soon after the last look
    assert here.around.in_flight.get(token) is None
    visitors, canceller = here.steps.visitors, here.steps.canceller
    assert visitors.next_at() == here.clock.now() + SECOND
    elsewhere.tick()
    assert here.around.in_flight.get(token) is not None
    assert canceller.next_at() == 0
    elsewhere.tick()
    assert canceller.next_at() is None
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is stopped")
