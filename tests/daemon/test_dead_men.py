"""The deadlines of many jobs that owe a success."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from jobctl.daemon import dead_men
from jobctl.daemon.dead_men import DeadMen
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.run import Status
from jobctl.domain.units import said
from tests.daemon.set_clock import HOUR, MINUTE, MONDAY
from tests.store.building import run_through

JOBS = "".join(
    f'[jobs.job-{number}]\ncommand = "true"\nalert = {{ no_success = "{number}h" }}\n' for number in range(1, 6)
)


@pytest.mark.parametrize("few", [200, 2], ids=["asked_by_name", "all_at_once"])
def test_deadlines_pass_one_after_the_other(
    few: int, around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_men, "_FEW", few)
    watched = DeadMen(around(JOBS + '[jobs.free]\ncommand = "true"\n'))
    assert watched.troubles(MONDAY) == []
    assert watched.next_at == MONDAY + HOUR
    assert [trouble.job for trouble in watched.troubles(MONDAY + 2 * HOUR)] == ["job-1", "job-2"]
    assert watched.next_at == MONDAY + 3 * HOUR


def test_a_success_moves_the_deadline_when_it_passes(around: Callable[[str], Surroundings]) -> None:
    here = around(JOBS)
    watched = DeadMen(here)
    watched.troubles(MONDAY)
    run_through(here.store, "job-1", Status.SUCCEEDED, now=MONDAY + 30 * MINUTE)
    assert watched.next_at == MONDAY + HOUR
    assert watched.troubles(MONDAY + HOUR) == []
    assert watched.next_at == MONDAY + 90 * MINUTE + 1000


def test_no_success_is_named_that_there_was_not(around: Callable[[str], Surroundings]) -> None:
    here = around(JOBS)
    watched = DeadMen(here)
    [never, *_] = watched.troubles(MONDAY + HOUR)
    assert re.fullmatch(r"no success yet; the job is known since .+ UTC, one is due every 1h", never.message)
    here.store.jobs.disable("job-1", "ada", MONDAY + HOUR, None, None)
    here.store.jobs.enable("job-1", "ada", MONDAY + 2 * HOUR)
    [enabled, *_] = watched.troubles(MONDAY + 4 * HOUR)
    assert enabled.message == f"no success yet; the job is enabled since {said(MONDAY + 2 * HOUR)}, one is due every 1h"
    run_through(here.store, "job-1", Status.SUCCEEDED, now=MONDAY + 4 * HOUR)
    [since, *_] = watched.troubles(MONDAY + 6 * HOUR)
    assert since.message == f"no success since {said(MONDAY + 4 * HOUR + 1000)}; one is due every 1h"


def test_between_two_deadlines_the_store_is_asked_for_nothing_but_a_number(
    around: Callable[[str], Surroundings], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around(JOBS)
    watched = DeadMen(here)
    watched.troubles(MONDAY)

    def fail(name: str | None = None) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr(here.store.alerts, "dead_men", fail)
    for minute in range(59):
        assert watched.troubles(MONDAY + minute * MINUTE) == []
