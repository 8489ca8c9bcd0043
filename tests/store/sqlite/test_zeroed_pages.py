"""A page of the database was zeroed, as disks do it: who needs it is told so, nobody gets a wrong answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.errors import JobctlError, StoreDamaged
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.store import SqliteStore
from tests.store.volume import fill

PAGE = 4096
NOW = 1_795_392_000_000
_LATEST = HistoryFilter(limit=100)
QUESTIONS: dict[str, Callable[[SqliteStore], object]] = {
    "history": lambda store: store.runs.history(_LATEST),
    "failures": lambda store: store.runs.history(HistoryFilter(statuses=(Status.FAILED,), limit=1000)),
    "runs of a job": lambda store: store.runs.history(HistoryFilter(jobs=("job-00003",), limit=1000)),
    "counts": lambda store: store.runs.counts(),
    "jobs": lambda store: store.jobs.rows(),
    "definitions": lambda store: [store.jobs.definition(name) for name in store.jobs.names()],
    "what waits": lambda store: store.runs.waiting(10, (), ()),
    "what is unfinished": lambda store: store.attempts.unfinished(),
    "attempts": lambda store: [store.attempts.of_run(run.id) for run in store.runs.history(_LATEST)],
    "pauses": lambda store: store.switches.pauses(NOW),
    "the daemon": lambda store: store.service.info(),
}
REFUSED = "refused"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 20 jobs and 2000 runs without a log beside it, all of whose pages hold something."""
    path = tmp_path_factory.mktemp("whole") / "jobctl.db"
    fill(path, jobs=20, runs=2000, waiting=20, now=NOW)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path


def answers(path: Path) -> dict[str, object]:
    """The answer to each question, or that it was refused."""
    try:
        store = SqliteStore.open(path, path.with_name("write.lock"))
    except StoreDamaged:
        return dict.fromkeys(QUESTIONS, REFUSED)
    with closing(store):
        return {name: asked(store, question) for name, question in QUESTIONS.items()}


def asked(store: SqliteStore, question: Callable[[SqliteStore], object]) -> object:
    try:
        return question(store)
    except StoreDamaged:
        return REFUSED


def damaged_copies(whole: Path, folder: Path) -> Iterator[tuple[int, Path]]:
    """The database once for each third page, with that one zeroed."""
    content = whole.read_bytes()
    path = folder / "jobctl.db"
    for number in range(0, len(content) // PAGE, 3):
        for left in folder.glob("jobctl.db*"):
            left.unlink()
        path.write_bytes(content[: number * PAGE] + bytes(PAGE) + content[(number + 1) * PAGE :])
        yield number, path


def test_a_question_is_answered_rightly_or_refused_as_damaged(whole: Path, tmp_path: Path) -> None:
    right = answers(whole)
    assert REFUSED not in right.values()
    refused = 0
    for number, path in damaged_copies(whole, tmp_path):
        for name, answer in answers(path).items():
            assert answer in (right[name], REFUSED), f"{name}, with page {number} zeroed"
            refused += answer == REFUSED
    assert refused > 20, "damage was met"


def test_who_reads_everything_finds_each_of_them(whole: Path, tmp_path: Path) -> None:
    for _, path in damaged_copies(whole, tmp_path):
        with pytest.raises(StoreDamaged) as caught:
            SqliteStore.open(path, tmp_path / "write.lock", verify=True)
        assert "jobctl backup" in caught.value.hint


def test_what_cannot_be_written_for_it_is_refused_and_nothing_of_it_kept(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "jobctl.db"
    content = whole.read_bytes()
    with closing(sqlite3.connect(whole)) as database:
        ((root,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs_by_job'").fetchall()
    path.write_bytes(content[: (root - 1) * PAGE] + bytes(PAGE) + content[root * PAGE :])
    with closing(SqliteStore.open(path, tmp_path / "write.lock")) as store:
        with pytest.raises(StoreDamaged, match="damaged"):
            store.runs.add(NewRun("job-00001", Origin.MANUAL, Status.QUEUED, NOW, NOW))
        assert store.runs.counts()[Status.QUEUED] == 20


def test_a_backup_of_it_is_none(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    path, copy = tmp_path / "jobctl.db", tmp_path / "copy"
    path.write_bytes(content[: 20 * PAGE] + bytes(PAGE) + content[21 * PAGE :])
    with closing(SqliteStore.open(path, tmp_path / "write.lock")) as store, pytest.raises(JobctlError) as caught:
        store.backup(copy)
    assert str(path) in caught.value.message
    assert not copy.exists()
