"""The file that a running attempt keeps its progress in."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from jobctl.process import progress_file, result

RUN = "0t6y85qrt8ck"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A state directory; attempts of other users would have their folders in `run`."""
    monkeypatch.setattr(progress_file, "FOREIGN", str(tmp_path / "run"))
    monkeypatch.setattr(result, "FOREIGN", str(tmp_path / "run"))
    (tmp_path / "results").mkdir()
    return str(tmp_path)


def test_the_first_word_makes_the_file_and_later_ones_renew_it(state: str) -> None:
    assert not progress_file.update(state, RUN, 1, 10, "a long beginning")
    progress_file.create(state, RUN, 1, 10, "a long beginning")
    assert progress_file.read(state, RUN, 1) == (10, "a long beginning")
    assert progress_file.update(state, RUN, "1", 20.5, "end")
    assert progress_file.read(state, RUN, 1) == (20.5, "end")
    assert progress_file.read(state, RUN, 2) is None


def test_without_a_message_the_one_before_stays_and_an_empty_one_ends_it(state: str) -> None:
    progress_file.create(state, RUN, 1, 10, "indexing")
    progress_file.update(state, RUN, 1, 11, None)
    assert progress_file.read(state, RUN, 1) == (11, "indexing")
    progress_file.update(state, RUN, 1, 12, "")
    assert progress_file.read(state, RUN, 1) == (12, None)


def test_an_attempt_of_another_user_keeps_it_in_its_own_folder(state: str) -> None:
    folder = Path(state, "run", f"{RUN}-1")
    folder.mkdir(parents=True)
    assert progress_file.is_foreign(RUN, 1)
    progress_file.create(state, RUN, 1, 10, None)
    assert [file.name for file in folder.iterdir()] == ["result.progress"]
    assert progress_file.read(state, RUN, 1) == (10, None)
    result.remove(Path(state), RUN, 1)
    assert not folder.exists()


def test_it_goes_with_the_result(state: str) -> None:
    progress_file.create(state, RUN, 1, 10, None)
    result.remove(Path(state), RUN, 1)
    assert list(Path(state, "results").iterdir()) == []


@pytest.mark.parametrize("make", ["link", "second name", "folder", "pipe", "nonsense"])
def test_whatever_lies_there_is_neither_followed_nor_an_error(state: str, make: str) -> None:
    file, secret = Path(progress_file.path_of(state, RUN, 1, foreign=False)), Path(state, "secret")
    secret.write_text("40 secret\n")
    if make == "link":
        file.symlink_to(secret)
    elif make == "second name":
        file.hardlink_to(secret)
    elif make == "folder":
        file.mkdir()
    elif make == "pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(b"\xff\0 nonsense")
    assert progress_file.read(state, RUN, 1) is None
    with suppress(OSError):
        progress_file.update(state, RUN, 1, 50, "seen")
    assert secret.read_text() == "40 secret\n"
