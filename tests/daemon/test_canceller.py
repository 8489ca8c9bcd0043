"""Requests to stop reach whoever runs the attempt, each once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.wakeup import Wakeup
from jobctl.domain.run import AttemptState, Status
from jobctl.errors import DiskFull
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import SECOND, SetClock
from tests.process.conftest import is_alive

Assemble = Callable[[str], Assembly]
DEAF = gated("deaf", 'grace = "60s"').replace("echo", "trap '' TERM INT; echo", 1)
JOBS = gated("work", 'grace = "60s"') + DEAF


class Stops:
    """What the pool was told, beside doing it."""

    def __init__(self, here: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[int] = []
        stop = here.around.pool.stop

        def note(keeper: str, number: int, grace: float) -> bool:
            self.sent.append(number)
            return stop(keeper, number, grace)

        monkeypatch.setattr(here.around.pool, "stop", note)


def ask(here: Assembly, run_id: int, number: int = signal.SIGTERM) -> None:
    assert here.store.runs.request_cancel(run_id, number, "test", here.clock.now()) is Status.RUNNING


def test_each_signal_is_sent_once(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    run_id = here.begin("deaf")
    stops = Stops(here, monkeypatch)
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        ask(here, run_id, number)
        for _ in range(3):
            here.tick(SECOND)
    assert stops.sent == [signal.SIGTERM, signal.SIGINT]
    ask(here, run_id, signal.SIGKILL)
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is cancelled", SECOND)
    assert stops.sent == [signal.SIGTERM, signal.SIGINT, signal.SIGKILL]
    assert here.run(run_id).signal == signal.SIGKILL


def test_a_request_that_was_not_committed_sends_nothing(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    ask(here, run_id)
    stops = Stops(here, monkeypatch)

    def fail(now: int) -> None:
        raise DiskFull("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(here.steps.dispatcher, "tick", fail)
        here.tick(SECOND)
        assert stops.sent == []
    here.tick(SECOND)
    assert stops.sent == [signal.SIGTERM]
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is cancelled", SECOND)


def test_the_next_daemon_sends_all_of_them_again(
    around: Callable[[str], Surroundings], clock: SetClock, wakeup: Wakeup, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Assembly(around(JOBS), clock, wakeup)
    run_id = first.begin("work")
    ask(first, run_id)
    first.die()  # before its next tick
    second = Assembly(around(JOBS), clock, wakeup)
    second.recover()
    stops = Stops(second, monkeypatch)
    second.tick_until(lambda: second.status(run_id) is Status.CANCELLED, "it is cancelled", SECOND)
    assert stops.sent == [signal.SIGTERM]


def test_a_stop_that_failed_for_want_of_a_descriptor_is_sent_by_the_next_tick(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    ask(here, run_id)
    tried: list[int] = []
    stop = here.around.pool.stop

    def fail_once(keeper: str, number: int, grace: float) -> bool:
        tried.append(number)
        if len(tried) == 1:
            raise OSError(24, "Too many open files")
        return stop(keeper, number, grace)

    monkeypatch.setattr(here.around.pool, "stop", fail_once)
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is cancelled", SECOND)
    assert tried == [signal.SIGTERM, signal.SIGTERM]


def test_what_could_not_be_sent_or_was_not_heard_wakes_the_daemon_again(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("deaf")
    assert here.steps.canceller.next_at() is None
    ask(here, run_id)

    def fail(keeper: str, number: int, grace: float) -> bool:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(here.around.pool, "stop", fail)
        here.tick(SECOND)
        assert here.steps.canceller.next_at() == here.clock.now() + SECOND
        patched.setattr(here.around.pool, "stop", lambda *_: False)
        here.tick(SECOND)
        assert here.steps.canceller.next_at() == here.clock.now() + SECOND
    here.tick_until(lambda: here.status(run_id) is Status.CANCELLED, "it is killed after its grace", 10 * SECOND)
    here.tick(SECOND)
    assert here.steps.canceller.next_at() is None


def test_what_lost_its_keeper_is_stopped_killed_after_its_grace_and_timed_out_by_the_daemon(assemble: Assemble) -> None:
    here = assemble(DEAF + 'timeout = "10m"\n')
    run_id = here.begin("deaf")
    pid = int((here.folder / "deaf").read_text())
    os.kill(here.keeper_pid(run_id), signal.SIGKILL)
    here.tick_until(lambda: here.attempt(run_id).state is AttemptState.UNSUPERVISED, "nobody supervises it", 1)
    here.tick(599 * SECOND)
    here.tick(SECOND)  # SIGTERM, which it does not hear
    here.tick(59 * SECOND)
    assert is_alive(pid)
    here.tick_until(lambda: here.status(run_id) is Status.LOST, "it is killed, and its end unknown", 10 * SECOND)
    assert not is_alive(pid)
