"""What keepers report becomes the end of runs; keepers are free only once that is committed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from jobctl.domain.run import AttemptState, Status
from jobctl.errors import DiskFull
from jobctl.process import record
from jobctl.process.reports import Ended
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import SECOND

Assemble = Callable[[str], Assembly]
JOBS = (
    gated("work")
    + '[jobs.again]\ncommand = "exit 4"\nretries = 1\nretry_delay = "30s"\nretry_backoff = "fixed"\n'
    + '[jobs.left]\ncommand = "sleep 60 & echo $! > left.pid; exit 0"\ncwd = "."\n'
)


def test_a_pid_is_worth_a_commit_only_after_half_a_second(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    for _ in range(4):
        here.tick(100)
    assert (here.attempt(run_id).state, here.attempt(run_id).pid) == (AttemptState.STARTING, None)
    here.tick_until(lambda: here.attempt(run_id).pid, "its pid is recorded", 100)
    assert here.attempt(run_id).state is AttemptState.RUNNING
    assert here.attempt(run_id).pid == int((here.folder / "work").read_text())
    (here.folder / "work.gate").touch()


def test_a_pid_whose_commit_came_to_nothing_is_stored_with_the_next_one(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    here.tick_until(lambda: here.steps.reaper._pids, "its keeper has told of its start")
    with monkeypatch.context() as patched:
        patched.setattr(here.steps.dispatcher, "tick", lambda now: 1 / 0)
        here.tick(SECOND)
    assert here.attempt(run_id).pid is None
    here.tick(SECOND)
    assert here.attempt(run_id).pid == int((here.folder / "work").read_text())
    assert here.steps.reaper._pids == {}
    (here.folder / "work.gate").touch()


def test_a_failed_attempt_waits_for_its_next_one(assemble: Assemble) -> None:
    here = assemble(JOBS)
    here.clock.step(time.time_ns() // 1_000_000 - here.clock.now())  # keepers tell the real time of an end
    run_id = here.add("again")
    here.tick_until(lambda: here.status(run_id) is Status.RETRYING, "the first attempt failed")
    assert len(here.around.in_flight) == 0
    here.tick(SECOND)
    assert here.status(run_id) is Status.RETRYING
    here.tick(60 * SECOND)
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "the second failed for good", 60 * SECOND)
    assert [attempt.exit_code for attempt in here.store.attempts.of_run(run_id)] == [4, 4]


def test_a_keeper_is_not_free_before_the_end_of_its_attempt_is_committed(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    keeper = here.attempt(run_id).keeper
    seen: list[object] = []
    receive = here.around.pool.receive

    def note(now: int) -> list[object]:
        reports = receive(now)
        seen.extend(report for report in reports if isinstance(report, Ended))
        return list(reports)

    def fail(now: int) -> None:
        raise DiskFull("no space left")

    monkeypatch.setattr(here.around.pool, "receive", note)
    with monkeypatch.context() as patched:
        patched.setattr(here.steps.dispatcher, "tick", fail)
        (here.folder / "work.gate").touch()
        here.tick_until(lambda: seen, "its end was reported", SECOND)
        assert here.around.pool.reserve() != keeper
    here.tick_until(lambda: here.status(run_id) is Status.FAILED, "its end is committed", SECOND)
    assert here.around.pool.reserve() == keeper


def test_a_report_of_an_attempt_that_nobody_knows_changes_nothing(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id = here.begin("work")
    here.around.in_flight.remove(here.attempt(run_id).token)
    (here.folder / "work.gate").touch()
    here.tick_until(lambda: record.read(here.record_of(run_id)).end, "its keeper has told of the end")
    for _ in range(20):
        here.tick()  # no time goes by: nobody looks for attempts from outside
    assert here.status(run_id) is Status.RUNNING


def test_a_run_ends_though_it_left_something_behind_and_its_keeper_is_used_no_more(assemble: Assemble) -> None:
    here = assemble(JOBS)
    run_id = here.add("left")
    here.tick_until(lambda: here.status(run_id) is Status.SUCCEEDED, "its main process ended")
    assert here.around.pool.reserve() != here.attempt(run_id).keeper
    os.kill(int((here.folder / "left.pid").read_text()), signal.SIGKILL)
