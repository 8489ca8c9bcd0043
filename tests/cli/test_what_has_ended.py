"""Without a daemon nobody notices that an attempt is over: whoever looks at runs or chooses among them does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.errors import DiskFull
from jobctl.operations.history import follow
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.attempts import SqliteAttemptStore
from jobctl.store.sqlite.jobs import SqliteJobStore
from tests.cli.showcase import Showcase

LOOKS = [
    *(["history"], ["history", "backup"], ["history", "--events"], ["stats"], ["stats", "backup"], ["alerts"]),
    *(["list"], ["status"], ["status", "backup"], ["show", "backup"], ["next"], ["dead"], ["metrics"]),
    *(["top", "--once"], ["prune", "--dry-run"]),
]


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


def test_one_that_is_named_is_retried(showcase: Showcase, gone: int) -> None:
    assert showcase.call("retry", to_text(gone)).status == 0
    assert showcase.run(gone).status is Status.QUEUED


def test_one_that_is_named_is_dismissed(showcase: Showcase, gone: int) -> None:
    assert showcase.call("dismiss", to_text(gone)).status == 0
    assert (showcase.run(gone).status, showcase.run(gone).dead_letter) == (Status.LOST, False)


def test_one_that_is_named_is_deleted(showcase: Showcase, gone: int) -> None:
    assert showcase.call("delete", to_text(gone)).status == 0
    assert showcase.context.store.runs.get(gone) is None


def test_a_follower_tells_of_it_as_soon_as_it_is_over(showcase: Showcase) -> None:
    showcase.load()
    told = follow(showcase.context, HistoryFilter(limit=5), pause=lambda seconds: None)
    run_id = showcase.add()
    showcase.begin(run_id)
    assert next(told).id == run_id
    assert showcase.run(run_id).status is Status.LOST


@pytest.fixture
def unread(showcase: Showcase, gone: int) -> Path:
    """The record of that run is there and cannot be read."""
    path = showcase.context.places.keepers_dir / "keeper-1"
    path.mkdir()
    return path


@pytest.mark.parametrize("words", LOOKS)
def test_one_unreadable_record_keeps_no_verb_from_its_work(
    showcase: Showcase, gone: int, unread: Path, words: list[str]
) -> None:
    said = showcase.call(*words)
    assert said.status == 0
    assert "/keepers/keeper-1: Is a directory" in said.err + said.out
    assert showcase.run(gone).status is Status.RUNNING


def test_others_are_concluded_beside_it_and_it_itself_when_its_record_is_gone(
    showcase: Showcase, gone: int, unread: Path
) -> None:
    other = showcase.add("report")
    assert showcase.context.store.attempts.begin(other, b"another one's..!", "keeper-2", showcase.clock.at)
    said = showcase.call("history")
    assert "shown as stored last: run id" in said.err
    assert "running  " in said.out
    assert "lost  " in said.out
    assert (showcase.run(gone).status, showcase.run(other).status) == (Status.RUNNING, Status.LOST)
    unread.rmdir()
    assert "as stored last" not in showcase.call("history").err
    assert showcase.run(gone).status is Status.LOST


@pytest.mark.parametrize("named", [False, True])
def test_dead_letters_are_retried_beside_it_and_it_is_told_once(
    showcase: Showcase, unread: Path, *, named: bool
) -> None:
    failed = showcase.run_through("report", Status.FAILED)
    said = showcase.call("retry", to_text(failed) if named else "--dead")
    assert said.status == 0
    assert said.err.count("shown as stored last") == 1
    assert showcase.run(failed).status is Status.QUEUED


@pytest.mark.parametrize("words", LOOKS)
def test_a_full_disk_keeps_no_verb_from_showing_what_is_stored(
    showcase: Showcase, gone: int, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise DiskFull("no space left for the database; nothing was changed")

    showcase.define(showcase.jobs_file.read_text() + "[jobs.new]\ncommand = 'true'\n")
    monkeypatch.setattr(SqliteAttemptStore, "conclude", refuse)
    monkeypatch.setattr(SqliteJobStore, "apply", refuse)
    said = showcase.call(*words)
    assert said.status == 0
    assert "shown as stored last: run id0000000001 (no space left for the database" in said.err + said.out
    assert "/srv/state" not in said.err, "the state directory is told as other paths are, from where one is"
