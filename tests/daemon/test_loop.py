"""A tick is all or nothing, and a store that fails never ends the daemon."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
from collections.abc import Callable

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.errors import DiskFull, StoreUnusable
from jobctl.store.sqlite.database import Database
from tests.daemon.assembly import PATIENCE, Assembly, gated
from tests.daemon.set_clock import MINUTE, SECOND

Assemble = Callable[[str], Assembly]
JOBS = gated("work", "max_concurrent = 1") + '[jobs.quick]\ncommand = "true"\nmax_concurrent = 1\n'
DUE = '[jobs.due]\ncommand = "true"\nevery = "30s"\nstart_deadline = "15s"\n'


class Failing:
    """Every commit fails until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
        self.times = 0
        self._monkeypatch = monkeypatch

        def fail(database: Database) -> None:
            self.times += 1
            database._undo()
            raise problem

        monkeypatch.setattr(Database, "_commit", fail)

    def mend(self) -> None:
        self._monkeypatch.undo()


PROBLEMS = [DiskFull("no space left"), sqlite3.OperationalError("nobody foresaw this")]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_claim_that_could_not_be_stored_did_not_happen(
    problem: Exception, assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    run_id = here.add("work")
    failing = Failing(monkeypatch, problem)
    for _ in range(3):
        here.tick(SECOND)
    assert failing.times == 3
    assert "trying again" in capsys.readouterr().err
    assert (here.status(run_id), len(here.around.in_flight)) == (Status.QUEUED, 0)
    assert not (here.folder / "work").exists()

    failing.mend()
    here.tick_until((here.folder / "work").exists, "it starts once the store is well", SECOND)
    assert (here.status(run_id), here.run(run_id).attempt) == (Status.RUNNING, 1)
    (here.folder / "work.gate").touch()
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "and ends", SECOND)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_an_end_that_could_not_be_stored_is_stored_later(
    problem: Exception, assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id, waiting = here.begin("work"), here.add("work")
    here.tick(SECOND)
    failing = Failing(monkeypatch, problem)
    (here.folder / "work.gate").touch()
    here.tick_until(lambda: failing.times >= 3, "the end comes, and the store fails", SECOND)
    assert here.status(run_id) is Status.RUNNING
    assert here.around.in_flight.of_job["work"] == 1

    failing.mend()
    here.tick_until(lambda: here.status(waiting) is Status.FAILED, "both are recorded", SECOND)
    assert (here.status(run_id), here.run(run_id).attempt, here.run(run_id).exit_code) == (Status.FAILED, 1, 3)
    assert len(here.around.in_flight) == 0


def test_a_step_that_fails_undoes_what_the_steps_before_it_wrote(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble('[jobs.often]\ncommand = "true"\nevery = "10s"\n')
    here.tick()

    def fail(now: int) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(here.steps.dispatcher, "tick", fail)
        here.tick(10 * SECOND)
        here.tick(SECOND)
        assert here.runs("often") == []
    here.tick(SECOND)
    (run,) = here.runs("often")
    assert run.slot == (here.clock.now() - 2 * SECOND) // 1000


def test_what_could_not_be_stored_is_not_told(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(gated("work", 'every = "1m"'))
    here.begin("work")
    failing = Failing(monkeypatch, DiskFull("no space left"))
    for _ in range(3):
        here.tick(MINUTE)
    assert "run skipped" not in capsys.readouterr().err

    failing.mend()
    here.tick(MINUTE)
    told = capsys.readouterr().err
    skipped = [to_text(run.id) for run in here.runs("work") if run.status is Status.SKIPPED]
    assert told.count("run skipped") == len(skipped) > 0
    assert all(f"run={run_id}" in told for run_id in skipped)


def test_that_nothing_can_be_stored_is_said_at_once_then_each_minute_and_when_it_is_over(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    failing = Failing(monkeypatch, DiskFull("no space left"))
    for _ in range(120):
        here.tick(SECOND)
    lines = [line for line in capsys.readouterr().err.splitlines() if "nothing could be stored" in line]
    assert [line.partition("again ")[2] for line in lines] == [
        'reason="no space left"', 'reason="no space left" lasts=1m'
    ]  # fmt: skip

    failing.mend()
    for _ in range(2):
        here.tick(SECOND)
    assert capsys.readouterr().err.count("what happens can be stored again lasted=2m") == 1


def test_after_a_failure_the_loop_rests_for_a_second(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    here.add("work")
    Failing(monkeypatch, DiskFull("no space left"))
    here.tick(SECOND)
    assert here.loop._next_at() == here.clock.now() + SECOND


def test_it_rests_no_longer_where_the_clock_is_set_back_meanwhile(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    with monkeypatch.context() as patched:
        patched.setattr(here.steps.reaper, "tick", lambda now: 1 / 0)
        here.tick()
    here.clock.step(-60 * MINUTE)
    assert here.loop._deadline() <= here.clock.now() + SECOND


def test_what_a_failed_tick_left_unheard_does_not_wake_the_loop_at_once(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    here.begin("work")
    monkeypatch.setattr(here.steps.reaper, "tick", lambda now: 1 / 0)
    (here.folder / "work.gate").touch()
    select.select([here.around.pool], [], [], PATIENCE)  # the keeper has news, which the reaper never takes
    times: list[float] = []
    monkeypatch.setattr(here.steps.clock_watch, "tick", times.append)
    rest = here.wakeup.rest

    def rest_and_stop(seconds: float) -> bool:
        assert not rest(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return rest(seconds)

    monkeypatch.setattr(here.wakeup, "rest", rest_and_stop)
    here.loop.run()
    assert len(times) == 2  # the first tick, and the one for the signal


def test_a_store_that_cannot_be_asked_for_changes_does_not_end_the_daemon(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)

    def fail() -> bool:
        here.wakeup.stops = 1
        raise DiskFull("the disk fails")

    monkeypatch.setattr(here.store, "changed", fail)
    here.loop.run()


def test_nothing_is_decided_once_a_newer_jobctl_has_the_database(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    run_id = here.add("quick")
    here.bring_up_to_date()
    assert not here.loop.run()
    assert here.status(run_id) is Status.QUEUED
    assert "by a newer jobctl: ending so that the new one takes over" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["statistician", "alerter"])
def test_a_step_that_only_looks_on_is_left_out_when_it_fails_again_and_again(
    part: str, assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    run_id = here.add("quick")
    monkeypatch.setattr(getattr(here.steps, part), "tick", lambda now: 1 / 0)
    here.tick_until(lambda: here.status(run_id) is Status.SUCCEEDED, "the run ends all the same", SECOND)
    told = capsys.readouterr().err
    assert f"going on without it part={part}" in told
    assert told.count("tick failed") == 3

    here.tick(600 * SECOND)
    here.tick(SECOND)
    assert capsys.readouterr().err.count("going on without it") == 1
    monkeypatch.undo()
    here.tick(600 * SECOND)
    assert "without it" not in capsys.readouterr().err


def test_the_watchdog_is_fed_only_after_a_commit(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    here.tick()
    beat = here.store.service.last_beat()
    failing = Failing(monkeypatch, StoreUnusable("the disk fails"))
    fed: list[int] = []
    monkeypatch.setattr(here.steps.watchdog._manager, "feed_watchdog", lambda: fed.append(1))
    here.tick(120 * SECOND)
    assert (failing.times, fed, here.store.service.last_beat()) == (1, [], beat)


def test_a_full_disk_excuses_a_loop_that_turns(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    here.tick()
    beat = here.store.service.last_beat()
    Failing(monkeypatch, DiskFull("no space left"))
    fed: list[int] = []
    monkeypatch.setattr(here.steps.watchdog._manager, "feed_watchdog", lambda: fed.append(here.clock.now()))
    here.tick(60 * SECOND)
    first = here.clock.now()
    for _ in range(60):
        here.tick(SECOND)
    assert fed == [first, first + 60 * SECOND]
    assert here.store.service.last_beat() == beat


def test_a_run_whose_deadline_has_passed_is_in_no_slots_way(assemble: Assemble) -> None:
    here = assemble("[daemon]\nmax_concurrent = 1\n" + gated("work") + DUE)
    here.begin("work")
    here.tick_until(lambda: here.runs("due"), "its first slot is behind the other job", SECOND)
    here.loop.tick(here.clock.pass_time(30 * SECOND), alone=True)
    assert [run.status for run in here.runs("due")] == [Status.QUEUED, Status.MISSED]
