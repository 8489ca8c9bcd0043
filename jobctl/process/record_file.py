"""A keeper's record file: one 4 KiB block with five slots, each written by a single pwrite and guarded by a CRC.

The block is written and synced as a whole when the keeper starts, so later writes change it in place: they need no
space on the disk and no journal, and a full disk cannot refuse them. Each slot has a sector (512 bytes) of its own,
the unit that disks write as a whole.

The layout is fixed with `struct`, never with a pickling format: the reader may be a later version of the program on
a later Python. The file is locked (flock) from before it gets its name until the keeper is gone.
"""

# ruff: noqa: PTH104, PTH118
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import fcntl
import os
import struct
import zlib

from jobctl import failpoint

VERSION = 1
SIZE = 4096
HEADER_AT, BEGIN_AT, JOB_AT, END_AT, GROUP_AT = 0, 512, 1024, 1536, 2048
SLOT_SIZE = 512

HEADER = struct.Struct("<8sIiQ36s")  # magic, version, keeper's pid, its start time, boot id
BEGIN = struct.Struct("<16s24sIq")  # token, run id, attempt, milliseconds since the epoch
JOB = struct.Struct("<16siQ")  # token, job's pid, its start time
END = struct.Struct("<16siqqiiiIqqqH")  # see `write_end`; the words of the error follow
END_MORE = struct.Struct("<qqiq")  # behind the words: what the first version of END did not know yet
MAGIC = b"jobctlK\n"
ABSENT = -1  # of an instant, an exit code or a count

TIMED_OUT = 1
STOPPED = 2
NOT_STARTED = (
    4  # the machine had no process, descriptor or space left: nothing was executed, the attempt may be repeated
)

LIMITED = 8  # the keeper stopped the job for the limit that END names

NOTHING_MORE = (ABSENT, ABSENT, 0, 0)

_GUARD = struct.Struct("<II")  # length of the payload, its CRC-32
_MAX_WORDS = SLOT_SIZE - _GUARD.size - END.size - END_MORE.size


class RecordFile:
    """The keeper's own side: written by exactly one process. Every method may raise OSError."""

    def __init__(self, directory: str, name: str, boot_id: str, start_time: int) -> None:
        """Make the file, lock it, allocate and sync it, and only then give it its name."""
        self.path = os.path.join(directory, name)
        temporary = os.path.join(directory, "." + name)
        self._fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.posix_fallocate(self._fd, 0, SIZE)
        header = HEADER.pack(MAGIC, VERSION, os.getpid(), start_time, boot_id.encode("ascii"))
        os.pwrite(self._fd, _guarded(header).ljust(SIZE, b"\0"), 0)
        os.fsync(self._fd)
        failpoint.hit("keeper.record_unnamed")
        os.rename(temporary, self.path)
        sync_directory(directory)

    def write_begin(self, token: bytes, run_id: str, attempt: int, now: int) -> None:
        """The promise that the job may run from now on; durable on return."""
        self._write(BEGIN_AT, BEGIN.pack(token, run_id.encode("ascii"), attempt, now))
        os.fdatasync(self._fd)

    def write_job(self, token: bytes, pid: int, start_time: int) -> None:
        """Who the job is. Not synced: after a power cut the process is gone anyway."""
        self._write(JOB_AT, JOB.pack(token, pid, start_time))

    def write_group(self, path: str) -> None:
        """Which control group its jobs get. Not synced, as above. OSError also when the path is too long for a slot."""
        contents = os.fsencode(path)
        if len(contents) > SLOT_SIZE - _GUARD.size:
            raise OSError(36, "the path of the control group is too long", path)
        self._write(GROUP_AT, contents)

    def write_end(
        self,
        token: bytes,
        pid: int,
        started_at: int,
        finished_at: int,
        exit_code: int,
        signal: int,
        errno: int,
        flags: int,
        cpu_ms: int,
        max_rss: int,
        log_bytes: int,
        error: str,
        more: tuple[int, int, int, int] = NOTHING_MORE,
    ) -> None:
        """How the attempt ended; durable on return. ABSENT for an instant, code or size that does not apply; 0 for no
        pid, signal or errno. `more`: bytes read and written, the limit that was reached (0: none) and its amount."""
        words = error.encode("utf-8", "replace")[:_MAX_WORDS]
        times, outcome = (started_at, finished_at), (exit_code, signal, errno, flags)
        numbers = END.pack(token, pid, *times, *outcome, cpu_ms, max_rss, log_bytes, len(words))
        self._write(END_AT, numbers + words + END_MORE.pack(*more))
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Give up the lock, as the end of the process does."""
        os.close(self._fd)

    def _write(self, offset: int, payload: bytes) -> None:
        # The whole sector, so that nothing of a longer predecessor stays behind.
        slot = _guarded(payload).ljust(SLOT_SIZE, b"\0")
        if os.pwrite(self._fd, slot, offset) != SLOT_SIZE:
            raise OSError(5, "short write to the keeper's record")


def payload_at(contents: bytes, offset: int) -> bytes | None:
    """The payload of a slot; empty when it was never written, None when it is torn or damaged."""
    slot = contents[offset : offset + SLOT_SIZE]
    if len(slot) < SLOT_SIZE:
        return None
    length, crc = _GUARD.unpack_from(slot)
    payload = slot[_GUARD.size : _GUARD.size + length]
    if zlib.crc32(payload) != crc or len(payload) != length:
        return None
    return payload


def sync_directory(directory: str) -> None:
    """Make the names in a directory durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _guarded(payload: bytes) -> bytes:
    return _GUARD.pack(len(payload), zlib.crc32(payload)) + payload
