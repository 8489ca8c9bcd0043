"""When the daemon prunes, and what keeps it from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobctl.config.load import load
from jobctl.daemon.pruner import Pruner
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Status
from jobctl.errors import DiskFull
from tests.daemon.conftest import DAY, HOUR, MINUTE, MONDAY, SECOND
from tests.daemon.set_clock import SetClock
from tests.store.building import run_through

JOBS = '[jobs.mail]\ncommand = "true"\n'
SHORT = '[retention]\nsucceeded = "10s"\n'

Around = Callable[[str], Surroundings]


def old_runs(here: Surroundings, count: int, age: int = HOUR) -> list[int]:
    """So many successes, and one more that stays because it is the last."""
    with here.store.transaction():  # one sync for all of them
        made = [run_through(here.store, "mail", Status.SUCCEEDED, MONDAY - age + at) for at in range(count + 1)]
    return made[:-1]


def kept(here: Surroundings) -> int:
    return sum(here.store.runs.counts().values())


def prune_through(pruner: Pruner, now: int, took: int = 1) -> int:
    """Slices until the round is over; the instant of the next one."""
    while pruner.is_due(now, busy=False):
        pruner.prune(now)
        pruner.took(took)
        if pruner.next_at() - now > 10 * took + SECOND // 2:
            break
        now = pruner.next_at()
    return pruner.next_at()


def test_what_is_too_old_when_the_daemon_starts_goes_at_once(around: Around) -> None:
    here = around(SHORT + JOBS)
    old_runs(here, 3)
    prune_through(Pruner(here, MONDAY), MONDAY)
    assert kept(here) == 1


def test_slices_are_followed_by_a_rest_and_a_long_one_by_a_longer_rest(around: Around) -> None:
    here = around(SHORT + JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, MONDAY)
    pruner.prune(MONDAY)
    pruner.took(2)
    assert pruner.next_at() == MONDAY + 2 + 20
    pruner.prune(MONDAY + 22)
    pruner.took(70)
    assert pruner.next_at() == MONDAY + 22 + 70 + 70


def test_a_loop_that_is_busy_goes_first_for_a_second(around: Around) -> None:
    here = around(JOBS)
    pruner = Pruner(here, MONDAY)
    assert pruner.is_due(MONDAY, busy=False)
    assert not pruner.is_due(MONDAY + SECOND - 1, busy=True)
    assert pruner.is_due(MONDAY + SECOND, busy=True)


def test_numbers_are_looked_at_each_minute_and_ages_each_hour(around: Around) -> None:
    here = around("[retention]\nmax_runs_per_job = 2\n" + JOBS)
    pruner = Pruner(here, MONDAY)
    now = prune_through(pruner, MONDAY)
    assert MONDAY + MINUTE <= now <= MONDAY + MINUTE + SECOND
    old_runs(here, 1, age=31 * DAY)
    now = prune_through(pruner, now)
    assert kept(here) == 2
    old_runs(here, 4)
    while kept(here) > 2:
        now = prune_through(pruner, now)
    assert now < MONDAY + 5 * MINUTE


def test_an_age_that_has_come_is_seen_within_the_hour(around: Around) -> None:
    here = around(JOBS)
    old_runs(here, 2, age=30 * DAY - 5 * MINUTE)
    pruner, now = Pruner(here, MONDAY), MONDAY
    while kept(here) == 3:
        now = prune_through(pruner, now)
    assert MONDAY + 5 * MINUTE < now <= MONDAY + HOUR + 2 * MINUTE


@pytest.mark.parametrize(("age", "rest"), [("10s", SECOND), ("10m", 6 * SECOND), ("30d", MINUTE)])
def test_the_shorter_an_age_the_sooner_the_next_round(around: Around, age: str, rest: int) -> None:
    here = around(f'[retention]\nsucceeded = "{age}"\n{JOBS}')
    next_at = prune_through(Pruner(here, MONDAY), MONDAY)
    assert rest <= next_at - MONDAY <= rest + SECOND // 2


def test_looking_takes_no_more_than_a_hundredth_of_the_time(around: Around) -> None:
    here = around(SHORT + JOBS)
    old_runs(here, 3)
    assert prune_through(Pruner(here, MONDAY), MONDAY, took=100) > MONDAY + 20 * SECOND


def test_new_bounds_are_kept_at_once(around: Around) -> None:
    here = around(JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, MONDAY)
    now = prune_through(pruner, MONDAY)
    assert (kept(here), pruner.is_due(MONDAY + SECOND, busy=False)) == (4, False)
    adopt(here, SHORT + JOBS)
    assert pruner.is_due(MONDAY + SECOND, busy=False)
    now = prune_through(pruner, MONDAY + SECOND)
    assert kept(here) == 1
    assert now > MONDAY + SECOND


def test_a_job_has_bounds_of_its_own(around: Around) -> None:
    here = around(JOBS + 'retention = { succeeded = "1m" }\n[jobs.other]\ncommand = "true"\n')
    old_runs(here, 3)
    for at in range(2):
        run_through(here.store, "other", Status.SUCCEEDED, MONDAY - HOUR + at)
    prune_through(Pruner(here, MONDAY), MONDAY)
    assert kept(here) == 3


def test_after_a_jump_of_the_clock_the_history_is_spared_for_an_hour(around: Around) -> None:
    here = around(JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, MONDAY)
    prune_through(pruner, MONDAY)
    year_ahead = MONDAY + 365 * DAY
    assert pruner.is_due(year_ahead, busy=False)
    prune_through(pruner, year_ahead)
    assert kept(here) == 4
    assert not pruner.is_due(year_ahead + HOUR - 1, busy=False)
    adopt(here, SHORT + JOBS)
    assert not pruner.is_due(year_ahead + HOUR - 1, busy=False)
    assert pruner.is_due(MONDAY + MINUTE, busy=False)  # somebody has put the clock right
    adopt(here, JOBS)
    prune_through(pruner, MONDAY + MINUTE)
    assert kept(here) == 4


def test_a_clock_that_stays_where_it_jumped_is_believed_after_an_hour(around: Around) -> None:
    here = around(JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, MONDAY)
    prune_through(pruner, MONDAY)
    later = MONDAY + 365 * DAY
    prune_through(pruner, later)
    prune_through(pruner, later + HOUR)
    assert kept(here) == 1


def test_a_clock_that_is_set_over_that_hour_is_not_believed_sooner(around: Around, clock: SetClock) -> None:
    here = around(JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, clock.now())
    prune_through(pruner, clock.now())
    prune_through(pruner, clock.step(365 * DAY))
    for step, passes in ((0, 0), (59 * MINUTE, MINUTE), (0, 58 * MINUTE)):
        clock.step(step)
        now = clock.pass_time(passes)
        assert pruner.is_wary
        pruner.follow(now, clock.boottime())
        prune_through(pruner, now)
        assert kept(here) == 4
    prune_through(pruner, clock.pass_time(MINUTE))
    assert (kept(here), pruner.is_wary) == (1, False)


@pytest.mark.parametrize(("silence", "left"), [(2 * DAY, 4), (DAY // 2, 1)])
def test_after_days_without_a_daemon_it_waits_whether_the_clock_is_right(
    around: Around, silence: int, left: int
) -> None:
    here = around(SHORT + JOBS)
    old_runs(here, 3)
    here.store.service.beat(MONDAY - silence)
    prune_through(Pruner(here, MONDAY), MONDAY)
    assert kept(here) == left


def test_a_full_disk_is_said_and_tried_again_in_a_minute(
    around: Around, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = around(SHORT + JOBS)
    old_runs(here, 3)
    pruner = Pruner(here, MONDAY)

    def fail(*_: object) -> set[int]:
        raise DiskFull("no space left", "free some")

    with monkeypatch.context() as patched:
        patched.setattr(here.store.retention, "forget", fail)
        prune_through(pruner, MONDAY)
    assert "no space left" in capsys.readouterr().err
    assert MONDAY + MINUTE <= pruner.next_at() <= MONDAY + MINUTE + SECOND
    assert kept(here) == 4
    prune_through(pruner, pruner.next_at())
    assert kept(here) == 1


def test_logs_go_with_their_runs_and_one_that_cannot_is_said(
    around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    here = around(SHORT + JOBS)
    logs = [here.places.log_file(run, 1) for run in old_runs(here, 2)]
    logs[0].parent.mkdir(parents=True, exist_ok=True)
    logs[0].write_bytes(b"text")
    logs[1].mkdir()  # no file: it cannot be unlinked
    prune_through(Pruner(here, MONDAY), MONDAY)
    said = capsys.readouterr().err
    assert (logs[0].exists(), str(logs[1]) in said, "pruned" in said) == (False, True, True)


def adopt(here: Surroundings, text: str) -> None:
    """Take another jobs file into force."""
    path: Path = here.places.jobs_file
    path.write_text(text)
    here.catalogue.adopt(replace(load(path, MONDAY).configuration))
