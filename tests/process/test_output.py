"""What `logs` reads: every byte the job wrote, the cut as one line, and nothing that harms a terminal."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from jobctl.errors import NotFound
from jobctl.process import output, syscalls
from jobctl.process.terminal_text import Neutraliser, neutralise


def text_of(path: Path, last_lines: int | None = None) -> bytes:
    return b"".join(output.read_all(path, last_lines))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "job.log"


@pytest.fixture
def cut_log(log: Path) -> Path:
    """4 KiB of head lines, a hole of 8 KiB, 4 KiB of tail lines."""
    log.write_bytes(b"head...\n" * 512 + b"middle.\n" * 1024 + b"tail...\n" * 512)
    with log.open("r+b") as file:
        syscalls.punch_hole(file.fileno(), 4096, 8192)
    return log


def test_bytes_come_out_as_they_were_written(log: Path) -> None:
    content = bytes(range(256)) * 1000 + b"\0" * 10_000
    log.write_bytes(content)
    assert text_of(log) == content


def test_a_cut_is_one_line_with_the_number_of_bytes(cut_log: Path) -> None:
    assert text_of(cut_log) == b"head...\n" * 512 + b"\n[jobctl: 8192 bytes cut here]\n" + b"tail...\n" * 512


@pytest.mark.parametrize("lines", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_the_last_lines_are_those_of_tail(log: Path, lines: int, ending: bytes) -> None:
    log.write_bytes(b"\n".join(b"line %d" % number for number in range(50)) + ending)
    expected = log.read_bytes().splitlines(keepends=True)[50 - lines if lines <= 50 else 0 :]
    assert text_of(log, lines) == b"".join(expected)


def test_the_last_lines_are_found_in_lines_longer_than_a_piece(log: Path) -> None:
    long_line = b"x" * 200_000 + b"\n"
    log.write_bytes(long_line * 3)
    assert text_of(log, 2) == long_line * 2


def test_the_last_lines_reach_across_the_cut(cut_log: Path) -> None:
    assert text_of(cut_log, 2) == b"tail...\n" * 2
    assert text_of(cut_log, 512) == b"tail...\n" * 512
    assert text_of(cut_log, 513) == b"\n[jobctl: 8192 bytes cut here]\n" + b"tail...\n" * 512
    assert text_of(cut_log, 515) == b"head...\n" * 2 + b"\n[jobctl: 8192 bytes cut here]\n" + b"tail...\n" * 512
    assert text_of(cut_log, 5000) == text_of(cut_log)


def test_a_missing_log_is_a_sentence(log: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        text_of(log)


def test_following_hands_out_what_is_written_until_the_end(log: Path) -> None:
    ended = threading.Event()
    pieces = []

    def write() -> None:
        with log.open("ab", buffering=0) as file:
            for number in range(20):
                file.write(b"%d\n" % number)
        ended.set()

    writer = threading.Thread(target=write)
    follower = output.follow(log, ended.is_set)
    writer.start()
    pieces = list(follower)
    writer.join()
    assert b"".join(pieces) == b"".join(b"%d\n" % number for number in range(20))


def test_following_a_run_that_never_had_a_log_says_so(log: Path) -> None:
    with pytest.raises(NotFound):
        list(output.follow(log, lambda: True))


def test_following_shows_a_cut_that_is_made_meanwhile(log: Path) -> None:
    log.write_bytes(b"a" * 4096)
    steps = iter(["grow", "end"])

    def has_ended() -> bool:
        if next(steps) == "grow":
            return False
        with log.open("r+b") as file:
            os.pwrite(file.fileno(), b"b" * 8192, 4096)
            syscalls.punch_hole(file.fileno(), 4096, 4096)
        return True

    assert b"".join(output.follow(log, has_ended)) == b"a" * 4096 + output.cut_line(4096) + b"b" * 4096


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain\ttext\n", "plain\ttext\n"),
        ("Grüße 你好 🎉".encode(), "Grüße 你好 🎉"),
        (b"\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        (b"good\rbad", "good\\x0dbad"),
        (b"dos\r\nlines\r\n", "dos\nlines\n"),
        (b"\xff\xfe broken \xc3", "\\xff\\xfe broken \\xc3"),
        (b"\x00\x7f", "\\x00\\x7f"),
        ("\x9b31m".encode(), "\\x9b31m"),
        ("user\u202etxt.exe".encode(), "user\\u202etxt.exe"),
    ],
)
def test_nothing_reaches_the_terminal_but_text(data: bytes, shown: str) -> None:
    assert neutralise(data) == shown


def test_pieces_may_split_anywhere() -> None:
    data = "Grüße\r\n\x1b[1m 你好\r".encode() + b"\xc3"
    neutraliser = Neutraliser()
    pieces = [neutraliser.feed(data[index : index + 1]) for index in range(len(data))]
    assert "".join(pieces) + neutraliser.feed(b"", final=True) == neutralise(data)


def test_a_block_that_is_taken_for_a_hole_while_the_file_grows_is_read_all_the_same(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(1 + at % 255 for at in range(20_000))
    log.write_bytes(content)
    seek = os.lseek

    def unallocated(fd: int, position: int, whence: int) -> int:
        found = seek(fd, position, whence)
        return max(found, 12_288) if whence == os.SEEK_DATA and position >= 4096 else found

    monkeypatch.setattr(os, "lseek", unallocated)
    with output.LogReader(log) as reader:
        assert b"".join(iter(reader.read, b"")) == content
