"""The record file: what is written is read, what is torn is not believed, what lives is locked."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl.domain.reached_limit import LimitKind, ReachedLimit
from jobctl.process import record, record_file
from jobctl.process.record_file import ABSENT, RecordFile

BOOT = "01234567-89ab-cdef-0123-456789abcdef"
TOKEN = bytes(range(16))
END = (TOKEN, 4711, 1000, 2000, 3, 0, 0, record_file.STOPPED, 1500, 8192, 77, "", (512, 4096, 0, 0))


@pytest.fixture
def written(tmp_path: Path) -> Iterator[RecordFile]:
    made = RecordFile(str(tmp_path), "keeper", BOOT, 12345)
    made.write_begin(TOKEN, "abcdefghijkl", 2, 999)
    made.write_job(TOKEN, 4711, 555)
    made.write_end(*END)
    yield made
    made.close()


def test_what_was_written_is_read(written: RecordFile, tmp_path: Path) -> None:
    found = record.read(tmp_path / "keeper")
    assert found.header == record.Header(BOOT, os.getpid(), 12345)
    assert found.begin == record.Begin(TOKEN, "abcdefghijkl", 2, 999)
    assert found.job == record.JobProcess(TOKEN, 4711, 555)
    assert found.end == record.attempt_end(*END)
    assert found.end is not None
    assert (found.end.exit_code, found.end.signal, found.end.stopped, found.end.cpu_seconds) == (3, None, True, 1.5)
    assert not found.damaged


def test_a_new_record_holds_only_its_header(tmp_path: Path) -> None:
    RecordFile(str(tmp_path), "keeper", BOOT, 1).close()
    found = record.read(tmp_path / "keeper")
    assert (found.begin, found.job, found.end, found.damaged) == (None, None, None, frozenset())


@pytest.mark.parametrize("name", ["header", "begin", "job", "end"])
@pytest.mark.parametrize("byte", [0, 4, 8, 20, 30])
def test_one_wrong_byte_takes_its_slot_and_no_other(written: RecordFile, tmp_path: Path, name: str, byte: int) -> None:
    contents = bytearray((tmp_path / "keeper").read_bytes())
    offset = {"header": 0, "begin": 512, "job": 1024, "end": 1536}[name]
    contents[offset + byte] ^= 0x55
    found = record.parse(bytes(contents))
    assert found.damaged == {name}
    assert getattr(found, name) is None


@pytest.mark.parametrize("length", [0, 100, 600, 1400, 1600])
def test_a_file_cut_short_is_damaged_not_empty(written: RecordFile, tmp_path: Path, length: int) -> None:
    found = record.parse((tmp_path / "keeper").read_bytes()[:length])
    assert "end" in found.damaged
    assert found.end is None


def test_a_long_error_is_shortened_to_the_slot(written: RecordFile, tmp_path: Path) -> None:
    written.write_end(*END[:11], "ä" * 5000)
    found = record.read(tmp_path / "keeper")
    assert found.end is not None
    assert found.end.error is not None
    assert found.end.error.startswith("ä" * 150)
    assert not found.damaged
    written.write_end(*END)
    assert record.read(tmp_path / "keeper").end == record.attempt_end(*END)


def test_an_attempt_that_never_ran_has_no_times_and_no_use() -> None:
    end = record.attempt_end(TOKEN, 0, ABSENT, 2000, 127, 0, 2, 0, 0, 0, ABSENT, "no such file")
    assert (end.started_at, end.cpu_seconds, end.max_rss_bytes, end.log_bytes) == (None, None, None, None)
    assert (end.exit_code, end.error, end.pid) == (127, "no such file", None)


def test_a_limit_and_what_storage_moved_come_with_the_end(written: RecordFile, tmp_path: Path) -> None:
    limited = (*END[:7], record_file.LIMITED, *END[8:11], "words", (512, 4096, 1, 2_000_000_000))
    written.write_end(*limited)
    end = record.read(tmp_path / "keeper").end
    assert end == record.attempt_end(*limited)
    assert end is not None
    assert (end.read_bytes, end.written_bytes, end.error) == (512, 4096, "words")
    assert end.limit == ReachedLimit(LimitKind.MEMORY, 2_000_000_000, enforced=True)


def test_the_end_of_a_keeper_from_before_an_upgrade_is_read(written: RecordFile, tmp_path: Path) -> None:
    words = b"cannot be executed"
    payload = record_file.END.pack(*END[:11], len(words)) + words
    contents = bytearray((tmp_path / "keeper").read_bytes())
    contents[1536:2048] = (struct.pack("<II", len(payload), zlib.crc32(payload)) + payload).ljust(512, b"\0")
    end = record.parse(bytes(contents)).end
    assert end is not None
    assert (end.cpu_seconds, end.error, end.read_bytes, end.limit) == (1.5, "cannot be executed", None, None)


def test_the_space_is_allocated_before_it_is_needed(written: RecordFile, tmp_path: Path) -> None:
    stat = (tmp_path / "keeper").stat()
    assert stat.st_size == record_file.SIZE
    assert stat.st_blocks * 512 >= record_file.SIZE
    assert stat.st_mode & 0o777 == 0o600


def test_a_record_is_locked_exactly_as_long_as_its_keeper_lives(tmp_path: Path) -> None:
    program = f"""
from jobctl.process.record_file import RecordFile
made = RecordFile({str(tmp_path)!r}, "keeper", {BOOT!r}, 1)
print("ready", flush=True)
input()
"""
    path = tmp_path / "keeper"
    assert not record.is_locked(path)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert record.is_locked(path)
        child.kill()
        child.wait()
        assert not record.is_locked(path)


def test_two_who_ask_do_not_take_each_other_for_the_keeper(written: RecordFile, tmp_path: Path) -> None:
    path = tmp_path / "plain"
    path.write_bytes(b"")
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not record.is_locked(path)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_begin_and_end_are_on_the_disk_before_the_keeper_goes_on(
    written: RecordFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keeper"
    on_disk: list[record.Record] = []
    monkeypatch.setattr("jobctl.process.record_file.os.fdatasync", lambda fd: on_disk.append(record.read(file)))
    written.write_begin(bytes(16), "abcdefghijkl", 3, 1000)
    assert [found.begin for found in on_disk] == [record.Begin(bytes(16), "abcdefghijkl", 3, 1000)]
    written.write_end(bytes(16), *END[1:])
    assert [found.end for found in on_disk[1:]] == [record.attempt_end(bytes(16), *END[1:])]


def test_a_full_disk_does_not_stop_the_end_from_being_recorded(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
    try:
        made = RecordFile(str(disk), "keeper", BOOT, 1)
        with pytest.raises(OSError, match="No space left"):
            (disk / "filler").write_bytes(b"x" * 100_000)
        made.write_begin(TOKEN, "abcdefghijkl", 1, 999)
        made.write_end(*END)
        assert record.read(disk / "keeper").end == record.attempt_end(*END)
        made.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
