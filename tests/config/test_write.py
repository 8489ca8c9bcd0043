"""A file is replaced at one blow, or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from threading import Event, Thread

import pytest

from jobctl.config import write
from jobctl.config.write import replace_text
from jobctl.errors import JobctlError, Refused


def test_mode_and_link_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "jobs.toml"
    real.write_bytes(b"before")
    real.chmod(0o640)
    link.symlink_to("real.toml")
    replace_text(link, b"before", b"after")
    assert link.is_symlink()
    assert (real.read_bytes(), real.stat().st_mode & 0o777) == (b"after", 0o640)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jobs.toml", "real.toml"]


@pytest.mark.root
def test_the_owner_stays(tmp_path: Path) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    os.chown(file, 12345, 23456)
    replace_text(file, b"before", b"after")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@pytest.mark.root
def test_an_owner_who_cannot_be_kept_is_the_reason_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    os.chown(file, 12345, 23456)

    def refuse(descriptor: int, user: int, group: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(JobctlError, match=r"would lose its owner \(user id 12345, group id 23456\)"):
        replace_text(file, b"before", b"after")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_what_somebody_else_wrote_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"theirs")
    with pytest.raises(Refused, match="was changed by somebody else"):
        replace_text(file, b"before", b"after")
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(JobctlError, match="No space left on device"):
        replace_text(file, b"before", b"after")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set once somebody has found the folder locked."""
    lock, seen = fcntl.flock, Event()

    def watched(descriptor: int, operation: int) -> None:
        try:
            lock(descriptor, operation)
        except BlockingIOError:
            seen.set()
            raise

    monkeypatch.setattr(fcntl, "flock", watched)
    return seen


def test_of_two_who_change_it_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_up: Event
) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    read = Path.read_bytes
    others: list[Thread] = []
    refusals: list[Refused] = []

    def other() -> None:
        try:
            replace_text(file, b"before", b"theirs")
        except Refused as refusal:
            refusals.append(refusal)

    def read_while_the_other_comes(path: Path) -> bytes:
        found = read(path)
        if not others:
            others.append(Thread(target=other))
            others[0].start()
            assert held_up.wait(20)
        return found

    monkeypatch.setattr(Path, "read_bytes", read_while_the_other_comes)
    replace_text(file, b"before", b"ours")
    others[0].join()
    assert read(file) == b"ours"
    assert [refusal.message for refusal in refusals] == [f"{file} was changed by somebody else meanwhile"]


def test_a_folder_that_others_keep_locked_is_refused_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_PAUSE_MS", 1)
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(Refused, match=f"another process keeps {tmp_path} locked"):
        replace_text(file, b"before", b"after")
    os.close(holder)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["EBADF", "ENOLCK", "EOPNOTSUPP", "EACCES"])
def test_where_folders_cannot_be_locked_it_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        number = getattr(errno, name)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    replace_text(file, b"before", b"after")
    assert file.read_bytes() == b"after"


def test_a_folder_that_may_be_written_and_not_be_read_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def no_folder(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_DIRECTORY:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", no_folder)
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    replace_text(file, b"before", b"after")
    assert file.read_bytes() == b"after"
