"""Without a daemon nobody notices that an attempt is over: whoever looks at runs or chooses among them does it."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.run import Status
from jobctl.operations.history import follow
from jobctl.store.records import HistoryFilter
from tests.cli.showcase import Showcase


@pytest.fixture
def gone(showcase: Showcase) -> int:
    """A running run whose keeper, and all that it knew, is not there any more."""
    showcase.load()
    run_id = showcase.add()
    showcase.begin(run_id)
    return run_id


@pytest.mark.parametrize("words", [["history"], ["history", "--limit", "5"], ["history", "backup"], ["status"]])
def test_nothing_is_shown_as_running_that_is_over(showcase: Showcase, gone: int, words: list[str]) -> None:
    said = showcase.call(*words)
    assert "running  " not in said.out
    assert "lost" in said.out
    assert showcase.run(gone).status is Status.LOST


def test_history_finds_it_by_the_status_that_it_really_has(showcase: Showcase, gone: int) -> None:
    (run,) = json.loads(showcase.call("history", "--status", "lost", "--json").out)
    assert run["job"] == "backup"
    assert showcase.run(gone).status is Status.LOST


def test_stats_count_it(showcase: Showcase, gone: int) -> None:
    showcase.call("stats")
    assert showcase.run(gone).status is Status.LOST


def test_it_is_among_the_dead_letters_that_are_retried(showcase: Showcase, gone: int) -> None:
    assert showcase.call("retry", "--dead").status == 0
    assert showcase.run(gone).status is Status.QUEUED


def test_a_follower_tells_of_it_as_soon_as_it_is_over(showcase: Showcase) -> None:
    showcase.load()
    told = follow(showcase.context, HistoryFilter(limit=5), pause=lambda seconds: None)
    run_id = showcase.add()
    showcase.begin(run_id)
    assert next(told).id == run_id
    assert showcase.run(run_id).status is Status.LOST
