"""A database that cannot be trusted: the daemon refuses with a way out, starts nothing and touches no file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation

_PAGE = 4096


def _garbage_instead_of_the_header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(b"this is no database" + content[19:])


def _zeroed_page(path: Path) -> None:
    """Passes a SELECT that does not need the page."""
    content = path.read_bytes()
    middle = len(content) // _PAGE // 2 * _PAGE
    path.write_bytes(content[:middle] + bytes(_PAGE) + content[middle + _PAGE :])


def _half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // _PAGE // 2 * _PAGE])


def _emptied(path: Path) -> None:
    """Opens as a healthy database without tables."""
    path.write_bytes(b"")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 9999")


def _of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA application_id = 1")


@pytest.mark.parametrize(
    "damage",
    [_garbage_instead_of_the_header, _zeroed_page, _half, _emptied, _newer, _of_another_program],
)
def test_a_daemon_refuses_a_database_that_is(damage: Callable[[Path], None], installation: Installation) -> None:
    daemon = installation.daemon()
    installation.trigger("quick", "three")
    installation.wait_settled()
    daemon.stop()
    installation.trigger("quick")
    database = installation.state_dir / "jobctl.db"
    _fold_in_the_log(database)
    damage(database)
    before, started = _files(installation.state_dir), installation.started()

    refused = installation.call("daemon")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert str(database) in refused.stderr
    assert len(refused.stderr.strip().splitlines()) >= 2, "a sentence and a way out"
    assert _files(installation.state_dir) == before
    assert installation.started() == started

    verb = installation.call("run", "--detach", "quick")
    assert "Traceback" not in verb.stderr
    if damage is not _zeroed_page:  # only a daemon takes the time to read every page
        assert (verb.returncode, verb.stdout) == (1, "")


def test_a_daemon_whose_database_vanished_while_logs_remain_refuses(installation: Installation) -> None:
    daemon = installation.daemon()
    installation.trigger("quick")
    installation.wait_settled()
    daemon.stop()
    for file in installation.state_dir.glob("jobctl.db*"):
        file.unlink()
    refused = installation.call("daemon")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def _fold_in_the_log(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _files(folder: Path) -> dict[str, str]:
    """Digests of the files that hold something; locks and empty logs of the database may come and go."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if not name.endswith((".lock", "-shm", "-wal"))
    }
