"""What cannot be launched harms nothing but itself."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.launcher import Launcher
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.policies import RetryPolicy
from jobctl.domain.run import NewRun, Origin, Status
from tests.daemon.set_clock import MONDAY


def claim(around: Surroundings, job: str) -> Flight:
    added = around.store.runs.add(NewRun(job, Origin.MANUAL, Status.QUEUED, MONDAY, MONDAY))
    run = around.store.runs.get(added.id)
    assert run is not None
    return Flight(run, 1, os.urandom(16), around.pool.reserve(), RetryPolicy(), 10.0, MONDAY, None)


def test_a_program_that_does_not_exist_ends_the_attempt_with_127(around: Callable[[str], Surroundings]) -> None:
    surroundings = around('[jobs.a]\ncommand = ["no-such-program"]\n')
    launcher = Launcher(surroundings)
    launcher.add(claim(surroundings, "a"))
    launcher.launch(MONDAY)
    (end,) = launcher.take_failed()
    assert end.exit_code == 127
    assert end.error is not None
    assert "command not found" in end.error
    assert launcher.take_failed() == []


def test_a_log_folder_that_cannot_be_made_gives_the_run_back(around: Callable[[str], Surroundings]) -> None:
    surroundings = around('[jobs.a]\ncommand = "true"\n')
    surroundings.places.logs_dir.rmdir()
    surroundings.places.logs_dir.write_text("in the way")
    launcher = Launcher(surroundings)
    flight = claim(surroundings, "a")
    launcher.add(flight)
    launcher.launch(MONDAY)
    ((refused, reason),) = launcher.take_refused()
    assert refused is flight
    assert "cannot prepare the attempt" in reason
    assert launcher.take_failed() == []


def test_an_error_of_jobctl_itself_ends_one_attempt_and_not_the_daemon(
    around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    surroundings = around('[jobs.a]\ncommand = "true"\n[jobs.b]\ncommand = "true"\n')
    launcher = Launcher(surroundings)
    broken, sound = claim(surroundings, "a"), claim(surroundings, "b")
    real = surroundings.catalogue.job
    monkeypatch.setattr(surroundings.catalogue, "job", lambda name: 1 / 0 if name == "a" else real(name))
    for flight in (broken, sound):
        launcher.add(flight)
    launcher.launch(MONDAY)
    (end,) = launcher.take_failed()
    assert end.token == broken.token
    assert not launcher.has_news
