"""What a dead daemon left behind is put right before the first tick, however often and however damaged."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from jobctl.daemon.surroundings import Surroundings
from jobctl.daemon.wakeup import Wakeup
from jobctl.domain.outcome import OUTPUT_MAY_BE_MISSING
from jobctl.domain.run import AttemptState, Status
from jobctl.domain.run_id import to_text
from jobctl.process import record, record_file, recovery_view
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import SECOND, SetClock
from tests.process.conftest import wait_until

DEAF = gated("deaf", 'grace = "5s"').replace("echo", "trap '' TERM; echo", 1)
JOBS = gated("work") + gated("other") + DEAF + '[jobs.quick]\ncommand = "true"\n'


class Generations:
    """One daemon after the other over the same state."""

    def __init__(self, around: Callable[[str], Surroundings], clock: SetClock, wakeup: Wakeup) -> None:
        self._around, self._clock, self._wakeup = around, clock, wakeup

    def next(self) -> Assembly:
        return Assembly(self._around(JOBS), self._clock, self._wakeup)


@pytest.fixture
def generations(around: Callable[[str], Surroundings], clock: SetClock, wakeup: Wakeup) -> Generations:
    return Generations(around, clock, wakeup)


def successor(generations: Generations, dead: Assembly) -> Assembly:
    dead.die()
    born = generations.next()
    born.recover()
    return born


def spoil_header(here: Assembly, run_id: int) -> None:
    with here.record_of(run_id).open("r+b") as file:
        file.seek(record_file.HEADER_AT + 12)
        file.write(b"\xff" * 8)


def kill_all_of(here: Assembly, run_id: int) -> None:
    """The keeper of a run of `work`, and the command with what it has started."""
    os.kill(here.keeper_pid(run_id), signal.SIGKILL)
    os.killpg(int((here.folder / "work").read_text()), signal.SIGKILL)
    wait_until(lambda: not record.is_locked(here.record_of(run_id)), "the keeper is gone")
    wait_until(lambda: not recovery_view.unsupervised_pids(to_text(run_id), 1), "its processes are gone")


def test_a_running_attempt_is_taken_over_and_its_end_is_true(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    second = successor(generations, first)
    assert len(second.around.in_flight) == 1
    (second.folder / "work.gate").touch()
    second.tick_until(lambda: second.status(run_id) is Status.FAILED, "its end is recorded", SECOND)
    assert (second.run(run_id).exit_code, second.run(run_id).attempt) == (3, 1)


def test_the_process_of_an_attempt_is_known_though_its_daemon_died_before_it_wrote_that_down(
    generations: Generations,
) -> None:
    first = generations.next()
    run_id = first.begin("work")
    wait_until(lambda: record.read(first.record_of(run_id)).job is not None, "its process is in the record")
    assert [attempt.pid for attempt in first.around.store.attempts.of_run(run_id)] == [None]
    second = successor(generations, first)
    second.tick_until(lambda: second.around.store.attempts.of_run(run_id)[0].pid is not None, "it is known", SECOND)
    (second.folder / "work.gate").touch()
    second.tick_until(lambda: second.status(run_id) is Status.FAILED, "its end is recorded", SECOND)


def test_what_ended_meanwhile_is_concluded_and_its_record_removed(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    path = first.record_of(run_id)
    first.die()
    (first.folder / "work.gate").touch()
    wait_until(lambda: not record.is_locked(path), "the keeper has left")
    second = successor(generations, first)
    assert (second.status(run_id), second.run(run_id).exit_code) == (Status.FAILED, 3)
    assert not path.exists()


def test_what_ended_meanwhile_may_lack_output_where_the_disk_is_full(
    generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = generations.next()
    run_id = first.begin("work")
    path = first.record_of(run_id)
    first.die()
    (first.folder / "work.gate").touch()
    wait_until(lambda: not record.is_locked(path), "the keeper has left")
    monkeypatch.setattr("jobctl.daemon.full_disk.is_full", lambda folder: folder == first.around.places.state_dir)
    assert successor(generations, first).run(run_id).reason == OUTPUT_MAY_BE_MISSING


def test_recovering_twice_changes_nothing(generations: Generations) -> None:
    first = generations.next()
    run_id, other = first.begin("work"), first.begin("other")
    second = successor(generations, first)
    third = successor(generations, second)
    assert len(third.around.in_flight) == 2
    for name in ("work", "other"):
        (third.folder / f"{name}.gate").touch()
    third.tick_until(lambda: not third.around.in_flight, "both end", SECOND)
    assert {third.status(run_id), third.status(other)} == {Status.FAILED}


def test_a_claim_that_its_keeper_never_heard_of_waits_again(generations: Generations) -> None:
    first = generations.next()
    run_id = first.add("quick")
    keeper = first.around.pool.reserve()
    assert first.store.attempts.begin(run_id, os.urandom(16), keeper, first.clock.now()) == 1
    path = first.record_of(run_id)
    first.die()
    wait_until(lambda: not record.is_locked(path), "the keeper has left")
    second = successor(generations, first)
    assert (second.status(run_id), second.run(run_id).attempt) == (Status.QUEUED, 0)
    second.tick_until(lambda: second.status(run_id) is Status.SUCCEEDED, "it starts", SECOND)


def test_a_missing_record_is_a_loss_and_never_a_second_start(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    kill_all_of(first, run_id)
    first.record_of(run_id).unlink()
    second = successor(generations, first)
    second.tick_until(lambda: second.status(run_id) is not Status.RUNNING, "it is judged", SECOND)
    assert second.status(run_id) is Status.LOST


def test_a_run_that_went_down_with_the_machine_is_lost_and_says_so(
    generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = generations.next()
    run_id = first.begin("work")
    kill_all_of(first, run_id)
    monkeypatch.setattr("jobctl.process.identity.boot_id", lambda: "1" * 36)
    second = successor(generations, first)
    said = "the machine went down while it ran: whether the command finished cannot be known"
    assert (second.status(run_id), second.run(run_id).reason) == (Status.LOST, said)


def test_a_run_whose_keeper_was_stopped_as_the_machine_shut_down_says_so(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    path, keeper = first.record_of(run_id), first.keeper_pid(run_id)
    first.die()
    os.kill(keeper, signal.SIGTERM)
    wait_until(lambda: not record.is_locked(path), "the keeper has stopped its job and left")
    run = successor(generations, first).run(run_id)
    assert (run.status, run.signal) == (Status.CANCELLED, signal.SIGTERM)
    assert run.reason == "stopped without a request, as by a shutdown of the machine"


def test_processes_without_a_keeper_are_shown_and_watched_until_they_end(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    os.kill(first.keeper_pid(run_id), signal.SIGKILL)
    wait_until(lambda: not record.is_locked(first.record_of(run_id)), "the keeper is gone")
    second = successor(generations, first)
    assert second.attempt(run_id).state is AttemptState.UNSUPERVISED
    assert len(second.around.in_flight.unsupervised) == 1
    (second.folder / "work.gate").touch()
    second.tick_until(lambda: second.status(run_id) is Status.LOST, "it is lost once they ended", SECOND)


def test_records_that_nobody_needs_are_swept(generations: Generations) -> None:
    first = generations.next()
    stray = first.around.places.keepers_dir / "0123456789abcdef"
    stray.write_bytes(b"")
    run_id = first.begin("work")
    second = successor(generations, first)
    assert not stray.exists()
    assert second.record_of(run_id).exists()
    (second.folder / "work.gate").touch()


def test_a_keeper_whose_header_is_damaged_is_watched_by_its_lock_once_a_second(
    generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = generations.next()
    run_id = first.begin("work")
    spoil_header(first, run_id)
    second = successor(generations, first)
    looks: list[str] = []

    def look(keepers_dir: Path, keeper: str, token: bytes, text_id: str, number: int) -> recovery_view.Finding:
        looks.append(keeper)
        return recovery_view.inspect(keepers_dir, keeper, token, text_id, number)

    monkeypatch.setattr("jobctl.daemon.inquest.inspect", look)
    for _ in range(100):
        second.tick(100)
    assert 10 <= len(looks) <= 12
    assert second.status(run_id) is Status.RUNNING
    (second.folder / "work.gate").touch()
    second.tick_until(lambda: second.status(run_id) is Status.FAILED, "its end is found", 100)
    assert second.run(run_id).exit_code == 3
    assert not second.record_of(run_id).exists()


def test_what_such_a_keeper_runs_can_be_stopped_though_it_cannot_be_told(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("work")
    spoil_header(first, run_id)
    second = successor(generations, first)
    second.store.runs.request_cancel(run_id, signal.SIGTERM, "test", second.clock.now())
    second.tick_until(lambda: second.status(run_id).is_final, "it ends", SECOND)
    assert second.run(run_id).signal == signal.SIGTERM


def test_a_deaf_one_of_them_is_killed_after_its_grace(generations: Generations) -> None:
    first = generations.next()
    run_id = first.begin("deaf")
    spoil_header(first, run_id)
    second = successor(generations, first)
    second.store.runs.request_cancel(run_id, signal.SIGTERM, "test", second.clock.now())
    second.tick_until(lambda: second.status(run_id).is_final, "it ends", SECOND)
    assert second.run(run_id).signal == signal.SIGKILL
