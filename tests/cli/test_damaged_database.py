"""What verbs say when pages of the database are damaged: one sentence and the way out, or the truth."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jobctl.cli.exit_status import ExitStatus
from jobctl.errors import DiskFull
from jobctl.operations.health_report import Health
from tests.cli.shell import Shell

PAGE = 4096
VERBS = (
    ("list",), ("history",), ("status",), ("show", "hello"), ("dead",), ("run", "--detach", "hello"),
    ("enqueue", "hello"), ("pause",), ("disable", "hello"), ("cancel", "--job", "hello"), ("health",),
)  # fmt: skip


def pages(database: Path) -> dict[str, int]:
    """Where each table and index begins, once the log is folded in."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        found = connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0").fetchall()
    return {"sqlite_schema": 1, **dict(found)}


def zero(database: Path, content: bytes, page: int) -> None:
    for log in database.parent.glob(database.name + "-*"):
        log.unlink()
    database.write_bytes(content[: (page - 1) * PAGE] + bytes(PAGE) + content[page * PAGE :])


def damage(jobctl: Shell) -> tuple[Path, bytes, dict[str, int]]:
    """A database with two runs; nobody has it open."""
    for _ in range(2):
        assert jobctl("run", "--detach", "hello").status == 0
    jobctl.site.ctx.close()
    database = jobctl.site.ctx.places.database
    found = pages(database)
    return database, database.read_bytes(), found


@pytest.mark.parametrize("where", ["sqlite_schema", "runs", "jobs", "job_state", "runs_by_job", "status_counts"])
def test_a_verb_that_meets_it_says_so_and_how_to_go_on(where: str, jobctl: Shell) -> None:
    database, content, found = damage(jobctl)
    met = 0
    for words in VERBS:
        zero(database, content, found[where])
        said = jobctl(*words)
        assert "Traceback" not in said.err
        if words == ("health",):
            assert said.status in (Health.CRITICAL, Health.OK)
        elif said.status != 0:
            assert said.status in (ExitStatus.FAILED, 1)
            assert f"the database {database} is damaged" in said.err or "its beginning is damaged" in said.err
            assert "jobctl backup" in said.err
            met += 1
    assert met, "some verb needs the page"
    database.write_bytes(content)


def test_health_calls_damage_critical_and_finds_what_no_question_meets_when_asked(jobctl: Shell) -> None:
    database, content, found = damage(jobctl)
    jobctl.site.pretend_daemon()
    jobctl.site.ctx.store.service.beat(jobctl.site.ctx.clock.now())
    assert jobctl("health", "--thorough").status == Health.OK
    jobctl.site.ctx.close()
    pages(database)
    zero(database, database.read_bytes(), found["events"])
    assert jobctl("health").status == Health.OK
    said = jobctl("health", "--thorough")
    assert said.status == Health.CRITICAL
    assert said.out.startswith(f"JOBCTL CRITICAL - the database {database} is damaged")
    database.write_bytes(content)


def test_health_calls_a_disk_without_room_to_open_the_database_critical(
    jobctl: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> sqlite3.Connection:
        raise DiskFull(f"no space left for {path}; nothing was changed", "free some space and try again")

    jobctl.site.ctx.close()
    monkeypatch.setattr("jobctl.store.sqlite.reader.connect", refuse)
    said = jobctl("health")
    assert said.status == Health.CRITICAL
    assert said.out.startswith("JOBCTL CRITICAL - no space left")
