"""A keeper that died leaves its run to its record and its processes."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from jobctl.domain.run import AttemptState, Status
from jobctl.domain.run_id import to_text
from jobctl.process import result
from jobctl.process.recovery_view import Finding, inspect
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import MINUTE, SECOND
from tests.process.conftest import is_alive

Assemble = Callable[[str], Assembly]
JOBS = gated("work", "max_concurrent = 1") + gated("other")


def give_nothing_back(*_: object) -> NoReturn:
    raise OSError(errno.EIO, "the disk does not give it back")


def kill_keeper(here: Assembly, run_id: int) -> None:
    os.kill(here.keeper_pid(run_id), signal.SIGKILL)


def pid_of(here: Assembly, job: str) -> int:
    return int((here.folder / job).read_text())


def test_a_run_without_keeper_and_processes_is_lost_and_touches_nothing_else(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id, other = here.begin("work"), here.begin("other")
    os.kill(pid_of(here, "work"), signal.SIGSTOP)  # its end is not to be seen by its keeper
    kill_keeper(here, run_id)
    os.kill(pid_of(here, "work"), signal.SIGKILL)
    here.tick_until(lambda: here.status(run_id) is Status.LOST, "it is lost", SECOND)
    assert here.run(run_id).reason
    assert here.status(other) is Status.RUNNING
    (here.folder / "other.gate").touch()


def test_what_a_job_with_secrets_left_is_not_kept_without_its_keeper(assemble: Assemble) -> None:
    here = assemble(gated("work", 'env = { TOKEN = "plain-hunter22" }\nsecrets = ["TOKEN"]') + gated("other"))
    runs = [here.begin("work"), here.begin("other")]
    for run_id, job in zip(runs, ("work", "other"), strict=True):
        left = Path(result.path_for(here.around.places.state_dir, to_text(run_id), 1, None))
        left.write_text('{"n": "plain-hunter22 changed since"}')
        os.kill(pid_of(here, job), signal.SIGSTOP)
        kill_keeper(here, run_id)
        os.kill(pid_of(here, job), signal.SIGKILL)
    here.tick_until(lambda: all(here.status(run_id) is Status.LOST for run_id in runs), "both are lost", SECOND)
    secret, plain = map(here.run, runs)
    assert secret.result is None
    assert "what it left was not kept: its keeper was killed" in (secret.reason or "")
    assert plain.result == '{"n":"plain-hunter22 changed since"}'


def test_it_holds_its_place_while_its_processes_live(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    kill_keeper(here, run_id)
    here.tick_until(lambda: here.attempt(run_id).state is AttemptState.UNSUPERVISED, "nobody supervises it", SECOND)
    waiting = here.add("work")
    for _ in range(5):
        here.tick(SECOND)
    assert (here.status(run_id), here.status(waiting)) == (Status.RUNNING, Status.QUEUED)
    assert capsys.readouterr().err.count("keeper died") == 1
    (here.folder / "work.gate").touch()
    here.tick_until(lambda: here.status(waiting).is_final, "the next one has its turn", SECOND)
    assert here.status(run_id) is Status.LOST


def test_that_nobody_supervises_it_is_stored_also_when_a_tick_fails_meanwhile(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    kill_keeper(here, run_id)
    with monkeypatch.context() as patched:
        patched.setattr(here.steps.scheduler, "tick", lambda now: 1 / 0)
        here.tick_until(lambda: here.inquest._looked_at or here.steps.reaper._reports, "its death is known", SECOND)
    assert here.attempt(run_id).state is not AttemptState.UNSUPERVISED
    here.tick_until(lambda: here.attempt(run_id).state is AttemptState.UNSUPERVISED, "nobody supervises it", SECOND)
    (here.folder / "work.gate").touch()


def test_it_is_looked_at_once_a_second(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    assert here.inquest.next_at() is None
    kill_keeper(here, run_id)
    here.tick_until(lambda: here.attempt(run_id).state is AttemptState.UNSUPERVISED, "nobody supervises it", 1)
    here.tick(SECOND)
    assert here.inquest.next_at() == here.clock.now() + SECOND
    (here.folder / "work.gate").touch()


def test_a_cancelled_run_without_a_keeper_is_stopped_by_the_daemon(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    kill_keeper(here, run_id)
    here.tick_until(lambda: here.attempt(run_id).state is AttemptState.UNSUPERVISED, "nobody supervises it", SECOND)
    here.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    here.tick_until(lambda: here.status(run_id).is_final, "it ends", SECOND)
    assert not is_alive(pid_of(here, "work"))


def hold_the_next_one_back(here: Assembly, run_id: int) -> int:
    """While it is left alone no other run of its job starts beside it; the run that waits."""
    waiting = here.add("work")
    for _ in range(5):
        here.tick(SECOND)
    assert (here.status(run_id), here.status(waiting)) == (Status.RUNNING, Status.QUEUED)
    return waiting


def stop(here: Assembly, run_id: int) -> None:
    here.store.runs.request_cancel(run_id, signal.SIGTERM, "test", here.clock.now())
    here.tick_until(lambda: not is_alive(pid_of(here, "work")), "it is stopped", SECOND)


def test_one_whose_record_cannot_be_read_keeps_its_place_and_can_be_stopped(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    with monkeypatch.context() as patched:
        patched.setattr("jobctl.daemon.inquest.inspect", give_nothing_back)
        flight = here.around.in_flight.get(here.attempt(run_id).token)
        assert flight is not None
        here.inquest.doubt(flight)
        here.tick_until(lambda: here.inquest.is_unread(flight, here.clock.now()), "it is left alone", SECOND)
        hold_the_next_one_back(here, run_id)
    stop(here, run_id)


def test_it_keeps_its_place_and_can_be_stopped_under_the_next_daemon_too(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    keeper = here.keeper_pid(run_id)
    here.die()
    os.kill(keeper, signal.SIGKILL)
    there = assemble(JOBS)
    with monkeypatch.context() as patched:
        patched.setattr("jobctl.daemon.inquest.inspect", give_nothing_back)
        there.recover()
        assert capsys.readouterr().err.count("the record of an attempt cannot be read, it keeps its place") == 1
        waiting = hold_the_next_one_back(there, run_id)
        stop(there, run_id)
        assert there.status(waiting) is Status.QUEUED
        for _ in range(5):
            there.tick(11 * SECOND)
        assert capsys.readouterr().err.count("stopping") == 2  # politely, and then not
    there.tick(10 * MINUTE)
    there.tick_until(lambda: there.status(run_id).is_final, "it is over", SECOND)


def test_records_that_can_be_read_now_and_then_keep_no_daemon_from_starting(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    begun = [here.begin("work"), here.begin("other")]
    keepers = [here.keeper_pid(run_id) for run_id in begun]
    here.die()
    for keeper in keepers:
        os.kill(keeper, signal.SIGKILL)
    there = assemble(JOBS)
    # Of the first one, of the first one again, and now of the second.
    answers: Iterator[Callable[..., Finding]] = iter([give_nothing_back, inspect, give_nothing_back])
    monkeypatch.setattr("jobctl.daemon.inquest.inspect", lambda *about: next(answers, inspect)(*about))
    there.recover()
    assert next(answers, None) is None
    assert [there.status(run_id) for run_id in begun] == [Status.RUNNING, Status.RUNNING]
    there.tick(10 * MINUTE)
    for job in ("work", "other"):
        (there.folder / f"{job}.gate").touch()
    there.tick_until(lambda: all(there.status(run_id).is_final for run_id in begun), "they are over", SECOND)
