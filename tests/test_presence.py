"""What is there, what is not, and what the caller may not know; the same from each Python."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jobctl.presence import is_file, is_folder, is_there

QUESTIONS = [is_there, is_file, is_folder]
Question = Callable[[Path], bool]


def answers(path: Path) -> tuple[bool, bool, bool]:
    return is_there(path), is_file(path), is_folder(path)


def test_files_folders_and_what_is_neither(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    assert answers(tmp_path / "file") == (True, True, False)
    assert answers(tmp_path) == (True, False, True)
    assert answers(tmp_path / "pipe") == answers(tmp_path / "socket") == (True, False, False)


def test_links_are_followed_unless_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "to-file").symlink_to("file")
    (tmp_path / "to-folder").symlink_to(".")
    assert answers(tmp_path / "to-file") == (True, True, False)
    assert answers(tmp_path / "to-folder") == (True, False, True)
    assert is_folder(tmp_path, follow_links=False)
    assert not is_folder(tmp_path / "to-folder", follow_links=False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_there(question: Question, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to("none")
    (tmp_path / "itself").symlink_to("itself")
    for name in ("none", "none/deeper", "file/below", "nowhere", "itself", "itself/below", "a\0b"):
        assert not question(tmp_path / name), name


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_system_cannot_tell_is_not_taken_for_missing(question: Question, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        question(tmp_path / ("n" * 5000))


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_caller_may_not_see_is_not_taken_for_missing(question: Question, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError):
            question(tmp_path / "none")
    finally:
        os.seteuid(0)
