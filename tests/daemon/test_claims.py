"""A run whose claim the store refuses for a reason of its own holds up nothing but itself, and is not forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from tests.daemon.assembly import Assembly
from tests.daemon.set_clock import MINUTE, SECOND

Assemble = Callable[[str], Assembly]
JOBS = '[daemon]\nmax_concurrent = 1\n[jobs.quick]\ncommand = "true"\n'


def test_those_behind_it_start_where_only_one_may_run_at_once(
    assemble: Assemble, capsys: pytest.CaptureFixture[str]
) -> None:
    here = assemble(JOBS)
    cursed, *others = [here.add("quick") for _ in range(3)]
    here.refuse_claim(cursed)
    here.tick_until(lambda: all(here.status(one) is Status.SUCCEEDED for one in others), "the others end", SECOND)
    said = capsys.readouterr().err
    assert said.count("tick failed") == 1
    assert said.count("a run cannot be claimed, going on without it") == 1
    assert "a check that nobody thought of" in said
    assert (here.status(cursed), here.run(cursed).attempt) == (Status.QUEUED, 0)
    assert here.around.pool.prepared == 1, "its keeper was given back"


def test_many_of_them_undo_no_more_than_one_tick(assemble: Assemble, capsys: pytest.CaptureFixture[str]) -> None:
    here = assemble(JOBS)
    *cursed, other = [here.add("quick") for _ in range(20)]
    here.refuse_claim(*cursed)
    here.tick_until(lambda: here.status(other) is Status.SUCCEEDED, "the one behind them ends", SECOND)
    said = capsys.readouterr().err
    assert said.count("tick failed") == 1
    assert said.count("a run cannot be claimed, going on without it") == len(cursed)
    assert here.around.pool.prepared == 1, "the keepers were given back"


def test_it_is_tried_again_after_a_while(assemble: Assemble) -> None:
    here = assemble(JOBS)
    cursed = here.add("quick")
    here.refuse_claim(cursed)
    for _ in range(3):
        here.tick(SECOND)
    here.accept()
    here.tick(SECOND)
    assert here.status(cursed) is Status.QUEUED
    here.tick(10 * MINUTE)
    here.tick_until(lambda: here.status(cursed) is Status.SUCCEEDED, "it ends")


def test_the_daemon_wakes_for_its_next_try_and_forgets_one_that_waits_no_more(assemble: Assemble) -> None:
    here = assemble(JOBS)
    cursed, other = here.add("quick"), here.add("quick")
    here.refuse_claim(cursed, other)
    for _ in range(3):
        here.tick(SECOND)
    at = here.steps.dispatcher.next_at()
    assert at is not None
    assert 9 * MINUTE < at - here.clock.now() <= 10 * MINUTE
    claims = here.steps.dispatcher._claims
    assert claims.refused == 2
    for run_id in (cursed, other):
        here.store.runs.move(run_id, Status.QUEUED, Status.CANCELLED, here.clock.now(), "test")
    here.tick(MINUTE)
    assert claims.refused == 0
    assert here.steps.dispatcher.next_at() is None


def test_one_that_waited_for_an_idle_machine_is_passed_over_too(assemble: Assemble) -> None:
    here = assemble(
        '[jobs.quiet]\ncommand = "true"\noverlap = "allow"\nmax_concurrent = 4\n'
        "wait_for_idle = { load_below = 100000.0 }\n"
    )
    cursed, other = here.add("quiet"), here.add("quiet")
    here.refuse_claim(cursed)
    here.tick_until(lambda: here.status(other) is Status.SUCCEEDED, "the other ends", SECOND)
    assert here.status(cursed) is Status.QUEUED


def test_a_full_disk_is_no_fault_of_the_run(assemble: Assemble, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assemble(JOBS)
    run_id = here.add("quick")
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise DiskFull("no space left")

        patched.setattr(here.store.attempts, "begin", fail)
        here.tick(SECOND)
    here.tick_until(lambda: here.status(run_id) is Status.SUCCEEDED, "it starts as soon as there is room", SECOND)
