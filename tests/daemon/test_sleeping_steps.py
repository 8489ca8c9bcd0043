"""A tick calls the steps that it concerns, and none sleeps through what it has to see."""

from __future__ import annotations

import select
import signal
from collections.abc import Callable

import pytest

from jobctl.daemon.step import NEVER
from jobctl.domain.run import Status
from tests.daemon.assembly import PATIENCE, Assembly, gated
from tests.daemon.set_clock import SECOND

Assemble = Callable[[str], Assembly]
JOBS = gated("work", "max_concurrent = 1") + '[jobs.quick]\ncommand = "true"\n'


@pytest.fixture
def here(assemble: Assemble) -> Assembly:
    made = assemble(JOBS)
    made.tick()
    made.store.changed()
    return made


def names(here: Assembly) -> set[str]:
    """Of the steps that the last tick called; those that it can do without are wrapped."""
    return {type(getattr(step, "_step", step)).__name__ for step in here.loop._concerned}


def tick_alone(here: Assembly, ms: int = 0) -> set[str]:
    here.loop.tick(here.clock.pass_time(ms), alone=True)
    return names(here)


def test_a_tick_that_nobody_else_has_written_before_calls_few(here: Assembly) -> None:
    assert tick_alone(here, 10) == {"ClockWatch", "Reaper", "Dispatcher", "Warmer", "Checkpointer"}


def test_who_was_passed_by_is_called_when_it_wakes(here: Assembly) -> None:
    tick_alone(here, 10)
    first = here.loop._next_at()
    assert first == here.clock.now() - 10 + SECOND
    assert {"Visitors", "Alerter", "Delivery", "Heartbeats"} <= tick_alone(here, first - here.clock.now())
    assert here.loop._next_at() > here.clock.now() + SECOND, "nothing has happened since"


def test_all_are_called_where_somebody_else_has_written(here: Assembly) -> None:
    here.loop.tick(here.clock.pass_time(10))
    assert len(here.loop._concerned) == len(here.steps.in_order())


def test_a_reload_by_signal_wakes_those_that_follow(here: Assembly) -> None:
    here.steps.reloader.ask()
    woken = tick_alone(here, 10)
    assert {"Reloader", "Scheduler", "Successor", "Signpainter", "Statistician"} <= woken
    assert "Reloader" not in tick_alone(here, 10)


def test_a_clock_that_was_set_wakes_those_that_follow(here: Assembly) -> None:
    here.clock.step(-7200 * SECOND)
    assert {"Scheduler", "Watchdog", "Visitors"} <= tick_alone(here, 10)
    assert here.loop._next_at() < here.clock.now() + 61 * SECOND


def test_a_tick_that_failed_lets_nobody_sleep(here: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(here.steps.reaper, "tick", lambda now: 1 / 0)
        tick_alone(here, 10)
    tick_alone(here, SECOND)
    assert len(here.loop._concerned) == len(here.steps.in_order())


def test_an_attempt_without_a_keeper_wakes_those_that_look_after_it(here: Assembly) -> None:
    run_id = here.begin("work")
    tick_alone(here, 10)
    inquest, canceller = here.steps.inquest, here.steps.canceller
    assert (inquest.sleeps_until, canceller.sleeps_until) == (NEVER, NEVER)
    flight = here.around.in_flight.get(here.attempt(run_id).token)
    assert flight is not None
    inquest.doubt(flight)
    assert (inquest.sleeps_until, canceller.sleeps_until) == (0, NEVER)
    here.around.in_flight.supervise(flight, supervised=False)
    assert (inquest.sleeps_until, canceller.sleeps_until) == (0, 0)
    here.around.in_flight.supervise(flight, supervised=True)
    here.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    here.around.news.stops = True
    assert "Canceller" in tick_alone(here, 10)
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is stopped")


def test_a_run_that_ends_wakes_the_schedule_that_counts_from_there(assemble: Assemble) -> None:
    here = assemble(gated("work", 'every_after = "10s"'))
    here.tick(10 * SECOND)
    here.tick_until((here.folder / "work").exists, "it runs")
    [run] = here.runs("work")
    here.store.changed()
    assert "Scheduler" not in tick_alone(here, 10)
    (here.folder / "work.gate").touch()
    called: set[str] = set()
    while here.status(run.id) is Status.RUNNING:
        select.select([here.around.pool], [], [], PATIENCE)
        called = tick_alone(here)
    assert "Scheduler" in called
