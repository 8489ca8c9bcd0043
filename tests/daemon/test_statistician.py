"""The step that adds ended runs to the tallies."""

from __future__ import annotations

from collections.abc import Callable

from jobctl.daemon.statistician import Statistician
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import NewRun, Origin, Status
from tests.daemon.conftest import DAY, MONDAY, SECOND

JOBS = '[jobs.backup]\ncommand = "true"\n'


def miss(around: Surroundings, runs: int, now: int = MONDAY) -> None:
    made = NewRun("backup", Origin.CATCH_UP, Status.MISSED, now, now, reason="nobody was there")
    around.store.runs.add_many([made] * runs)


def test_ends_are_folded_and_then_it_sleeps(around: Callable[[str], Surroundings]) -> None:
    there = around(JOBS)
    step = Statistician(there)
    miss(there, 3)
    step.tick(MONDAY)
    assert there.store.statistics.unfolded() == []
    assert step.next_at() is None


def test_tidying_goes_on_without_further_ends_and_takes_its_time(around: Callable[[str], Surroundings]) -> None:
    there = around("".join(f'[jobs.job-{number}]\ncommand = "true"\n' for number in range(25)) + JOBS)
    step = Statistician(there)
    miss(there, 1)
    now, rounds = MONDAY, 1
    step.tick(now)
    while (at := step.next_at()) is not None:
        assert at == now + 5 * SECOND, "no start waits for it ten times a second"
        now, rounds = at, rounds + 1
        step.tick(now)
    assert rounds == 3, "twenty-six jobs, ten at a time"


def test_many_ends_take_several_ticks_with_rests_between(around: Callable[[str], Surroundings]) -> None:
    there = around(JOBS)
    step = Statistician(there)
    miss(there, 450)
    now = MONDAY
    rounds = 0
    while there.store.statistics.unfolded():
        step.tick(now)
        rounds += 1
        at = step.next_at()
        now = at if at is not None else now
        assert rounds < 10
    assert rounds == 3


def test_what_ends_while_it_rests_is_not_forgotten(around: Callable[[str], Surroundings]) -> None:
    there = around(JOBS)
    step = Statistician(there)
    step.tick(MONDAY)
    miss(there, 1)
    step.tick(MONDAY + SECOND)
    at = step.next_at()
    assert at is not None
    step.tick(at)
    assert there.store.statistics.unfolded() == []


def test_a_clock_that_is_set_back_does_not_keep_it_asleep(around: Callable[[str], Surroundings]) -> None:
    there = around(JOBS)
    step = Statistician(there)
    step.tick(MONDAY + DAY)
    miss(there, 1)
    step.tick(MONDAY)
    assert there.store.statistics.unfolded() == []
