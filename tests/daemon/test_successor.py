"""The end of a run and what it starts are one commit of one tick."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.run import Status
from jobctl.store.records import Pause
from jobctl.store.succession import Started
from tests.daemon.assembly import Assembly, gated
from tests.daemon.set_clock import MINUTE, SECOND

Assemble = Callable[[str], Assembly]
JOBS = gated("work") + '[jobs.alarm]\ncommand = "true"\nafter_failure = ["work"]\n'
FOLLOW = "jobctl.daemon.successor.follow_ends"


def end_work(here: Assembly) -> int:
    """A run that ends in the next ticks."""
    run_id = here.begin("work")
    (here.folder / "work.gate").touch()
    return run_id


def test_a_child_is_claimed_in_the_tick_that_stores_the_end_of_its_parent(assemble: Assemble) -> None:
    here = assemble(JOBS)
    work = end_work(here)
    here.tick_until(lambda: here.status(work).is_final, "the parent has ended")
    (alarm,) = here.runs("alarm")
    assert (alarm.status, alarm.parent_id) == (Status.RUNNING, work)
    here.tick_until(lambda: here.status(alarm.id) is Status.SUCCEEDED, "the child succeeds")
    assert len(here.runs("alarm")) == 1


def test_a_tick_that_is_undone_keeps_neither_end_nor_child_and_the_next_one_both(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = assemble(JOBS)
    work = end_work(here)
    seen: list[int] = []

    def stumble(now: int) -> None:
        seen.append(len(here.runs("alarm")))
        if seen[-1]:
            raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(here.steps.scheduler, "tick", stumble)
        here.tick_until(lambda: 1 in seen, "a tick makes the child and fails")
        assert (here.status(work), here.runs("alarm")) == (Status.RUNNING, [])
    here.tick_until(lambda: here.status(work).is_final, "the parent has ended")
    assert len(here.runs("alarm")) == 1


def test_an_end_that_another_process_or_recovery_stored_is_followed_at_once(assemble: Assemble) -> None:
    here = assemble(JOBS)
    here.tick()
    assert here.steps.successor.next_at() is None
    work, token = here.add("work"), b"t" * 16
    number = here.store.attempts.begin(work, token, "keeper", here.clock.now())
    assert number == 1
    end = AttemptEnd(token, None, here.clock.now(), exit_code=3)
    here.store.attempts.conclude(work, 1, end, Conclusion(Status.FAILED, Status.FAILED, None, None, dead_letter=True))
    here.tick()
    assert len(here.runs("alarm")) == 1
    assert here.steps.successor.next_at() is None


def test_what_nobody_foresaw_holds_up_chains_for_ten_minutes_and_nothing_else(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    work = end_work(here)

    def fail(*_: object, **__: object) -> list[Started]:
        if here.store.chains.has_ends():
            raise ZeroDivisionError("unforeseen")
        return []

    with monkeypatch.context() as patched:
        patched.setattr(FOLLOW, fail)
        here.tick_until(lambda: here.status(work).is_final, "the parent has ended", SECOND)
    said = capsys.readouterr().err
    assert said.count("tick failed") == 3
    assert "going on without it part=successor" in said
    assert here.steps.successor.next_at() is not None
    here.tick(MINUTE)
    assert here.runs("alarm") == []
    here.tick(10 * MINUTE)
    assert len(here.runs("alarm")) == 1
    assert here.steps.successor.next_at() is None


def test_a_child_that_an_active_run_keeps_from_starting_is_told(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS + 'queue = "held"\n')
    here.store.switches.pause(Pause("held", here.clock.now(), None, "test", None))
    for _ in range(2):
        work = end_work(here)
        here.tick_until(lambda: here.status(work).is_final, "the parent has ended")  # noqa: B023
        (here.folder / "work").unlink()
        (here.folder / "work.gate").unlink()
    assert [run.status for run in here.runs("alarm")] == [Status.SKIPPED, Status.QUEUED]
    said = capsys.readouterr().err
    assert "INFO run follows" in said
    assert "WARNING run skipped" in said
