"""A file is replaced at one blow, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

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


def test_of_two_who_change_it_at_once_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "jobs.toml"
    file.write_bytes(b"before")
    read = Path.read_bytes
    others: list[Thread] = []

    def other() -> None:
        with suppress(Refused):
            replace_text(file, b"before", b"theirs")

    def read_while_the_other_comes(path: Path) -> bytes:
        found = read(path)
        if not others:
            others.append(Thread(target=other))
            others[0].start()
            others[0].join(0.3)  # it is held up
        return found

    monkeypatch.setattr(Path, "read_bytes", read_while_the_other_comes)
    replace_text(file, b"before", b"ours")
    others[0].join()
    assert read(file) == b"ours"
