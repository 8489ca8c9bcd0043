"""An end that the store refuses for a reason of its own holds up nothing but itself, and is not forgotten."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from jobctl.daemon.settler import Settler
from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.wakeup import Wakeup
from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from jobctl.process import record
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import MINUTE, SECOND, SetClock
from tests.process.conftest import wait_until

Assemble = Callable[[str], Assembly]
JOBS = gated("cursed") + '[jobs.sound]\ncommand = "true"\n'


def let_it_end(here: Assembly, run_id: int) -> None:
    (here.folder / "cursed.gate").touch()
    path, token = here.record_of(run_id), here.attempt(run_id).token
    here.tick_until(lambda: (end := record.read(path).end) and end.token == token, "the job has ended")


def set_aside(here: Assembly, run_id: int) -> None:
    let_it_end(here, run_id)
    flight = here.around.in_flight.get(here.attempt(run_id).token)
    assert flight is not None
    here.tick_until(lambda: flight not in list(here.around.in_flight), "the end is set aside", SECOND)


def test_it_is_set_aside_after_three_tries_and_said_once(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    here.refuse(cursed)
    set_aside(here, cursed)
    for _ in range(5):
        here.tick(SECOND)
    said = capsys.readouterr().err
    assert said.count("tick failed") == 3
    assert said.count("set aside") == 1
    assert "a check that nobody thought of" in said
    assert here.status(cursed) is Status.RUNNING
    assert record.read(here.record_of(cursed)).end is not None


def test_everything_else_goes_on_even_where_only_one_may_run_at_once(assemble: Assemble) -> None:
    here = assemble(f"[daemon]\nmax_concurrent = 1\n{JOBS}")
    cursed = here.begin("cursed")
    here.refuse(cursed)
    set_aside(here, cursed)
    sound = here.add("sound")
    here.tick_until(lambda: here.status(sound) is Status.SUCCEEDED, "another run succeeds", SECOND)


def test_it_is_tried_again_after_ten_minutes_and_stored_as_it_was(assemble: Assemble) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    here.refuse(cursed)
    set_aside(here, cursed)
    end = record.read(here.record_of(cursed)).end
    assert end is not None
    here.accept()
    here.tick(5 * MINUTE)
    assert here.status(cursed) is Status.RUNNING
    at = here.steps.reaper.next_at()
    assert at is not None
    assert 4 * MINUTE < at - here.clock.now() <= 5 * MINUTE, "the daemon wakes for it"
    here.tick(5 * MINUTE)
    assert here.steps.reaper.next_at() is None
    assert (here.status(cursed), here.run(cursed).exit_code) == (Status.FAILED, 3)
    assert here.run(cursed).finished_at == end.finished_at
    assert len(here.around.in_flight) == 0
    here.tick(SECOND)
    assert here.around.pool.reserve() == here.attempt(cursed).keeper  # its keeper is free again


def test_a_further_refusal_costs_one_tick_each_time(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    here.refuse(cursed)
    set_aside(here, cursed)
    for _ in range(2):
        here.tick(10 * MINUTE)
        here.tick(SECOND)
    said = capsys.readouterr().err
    assert said.count("tick failed") == 5
    assert said.count("set aside") == 3


def test_the_next_daemon_starts_beside_it_and_stores_it_when_it_can(
    around: Callable[[str], Surroundings], clock: SetClock, wakeup: Wakeup, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Assembly(around(JOBS), clock, wakeup)
    cursed = here.begin("cursed")
    here.refuse(cursed)
    path = here.record_of(cursed)
    here.die()
    (here.folder / "cursed.gate").touch()
    wait_until(lambda: not record.is_locked(path), "its keeper has left")

    there = Assembly(around(JOBS), clock, wakeup)
    sound = there.add("sound")
    there.recover()
    assert "set aside" in capsys.readouterr().err
    there.tick_until(lambda: there.status(sound) is Status.SUCCEEDED, "another run succeeds", SECOND)
    assert (there.status(cursed), path.exists()) == (Status.RUNNING, True)

    there.accept()
    there.tick(10 * MINUTE)
    assert (there.status(cursed), there.run(cursed).exit_code) == (Status.FAILED, 3)
    assert not path.exists()


def test_a_lost_attempt_whose_end_is_refused_is_set_aside_too(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    here.refuse(cursed)
    os.kill(here.keeper_pid(cursed), signal.SIGKILL)
    os.kill(int((here.folder / "cursed").read_text()), signal.SIGKILL)
    here.tick_until(lambda: "set aside" in capsys.readouterr().err, "it is set aside", SECOND)
    here.accept()
    here.tick(10 * MINUTE)
    here.tick(SECOND)
    assert here.status(cursed) is Status.LOST


def test_an_end_of_what_was_never_sent_is_set_aside_too(assemble: Assemble) -> None:
    here = assemble('[jobs.cursed]\ncommand = ["no-such-program"]\n[jobs.sound]\ncommand = "true"\n')
    cursed = here.add("cursed")
    here.refuse(cursed)
    here.tick()
    sound = here.add("sound")
    here.tick_until(lambda: here.status(sound) is Status.SUCCEEDED, "another run succeeds", SECOND)
    assert here.status(cursed) is Status.RUNNING
    here.accept()
    here.tick(10 * MINUTE)
    assert (here.status(cursed), here.run(cursed).exit_code) == (Status.FAILED, 127)


def test_a_full_disk_is_no_setback_of_one_attempt(assemble: Assemble) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    flight = here.around.in_flight.get(here.attempt(cursed).token)
    assert flight is not None
    setbacks = Settler(here.around).setbacks
    for _ in range(4):
        with pytest.raises(DiskFull), setbacks.blaming(flight.token):
            raise DiskFull("no space left")
    assert not setbacks.is_aside(flight.token, here.clock.now())
    (here.folder / "cursed.gate").touch()


def test_a_record_that_cannot_be_read_holds_up_its_run_and_nothing_else(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    cursed = here.begin("cursed")
    path, keeper = here.record_of(cursed), here.keeper_pid(cursed)
    path.rename(path.with_name("elsewhere"))
    path.mkdir()
    os.kill(keeper, signal.SIGKILL)
    here.tick_until(lambda: "cannot be read" in capsys.readouterr().err, "its end is left for later", SECOND)
    here.die()

    following = assemble(JOBS)
    following.recover()
    sound = following.add("sound")
    following.tick_until(lambda: following.status(sound) is Status.SUCCEEDED, "another run succeeds", SECOND)
    assert following.status(cursed) is Status.RUNNING
    assert "cannot be read" in capsys.readouterr().err
