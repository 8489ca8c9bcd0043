"""What an attempt uses, as its control group counts it: also what was used by those whom nobody reaped.

A group serves one attempt after the other, so all is counted from the beginning of this one. What storage had to
write is not asked for here: the kernel writes what is in the page cache when it likes, and counts it then, perhaps
during the next attempt; the processes are charged for it when they hand it over.
"""

# ruff: noqa: PTH123, PTH208
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os

from jobctl.process.control_group import number_after


class GroupUse:
    """Of one attempt in the group at a path. Everything is None where there is no controller that counts it."""

    __slots__ = ("_cached", "_cpu_before", "_path", "_peak_before", "_peak_file", "_read_before")

    def __init__(self, path: str) -> None:
        self._path = path
        self._cpu_before: float | None = None
        self._read_before: int | None = None
        self._peak_before: int | None = None
        self._peak_file = -1
        self._cached = 0  # the most that was seen

    def begin(self) -> None:
        """The job is about to be born into the group."""
        self._cpu_before, self._read_before = self._cpu(), self._read()
        self._forget_peak()
        self._peak_before = self._peak()
        self._cached = self._cache()

    def close(self) -> None:
        """The attempt is over."""
        if self._peak_file != -1:
            os.close(self._peak_file)
            self._peak_file = -1

    def cpu_seconds(self) -> float | None:
        """By all members."""
        used = self._cpu()
        return None if used is None or self._cpu_before is None else used - self._cpu_before

    def memory(self) -> int | None:
        """Bytes that the members hold now, each page counted once, without what only caches files."""
        anonymous = number_after(self._path, "memory.stat", b"anon")
        if anonymous is None:
            return None
        self._cached = max(self._cached, self._cache())
        return anonymous + (number_after(self._path, "memory.stat", b"shmem") or 0)

    def peak_memory(self) -> int | None:
        """The most that they held at once, between two looks too: the kernel's own peak without the most that was ever
        seen to cache files, which it counts. None also where an attempt before took more."""
        peak = self._peak()
        if peak is None or self._peak_before is None or peak <= self._peak_before:
            return None
        return max(0, peak - max(self._cached, self._cache()))

    def bytes_read(self) -> int | None:
        """What storage had to read for them."""
        read = self._read()
        return None if read is None or self._read_before is None else read - self._read_before

    def _cpu(self) -> float | None:
        used = number_after(self._path, "cpu.stat", b"usage_usec")
        return None if used is None else used / 1_000_000

    def _cache(self) -> int:
        of_files, shared = (number_after(self._path, "memory.stat", key) or 0 for key in (b"file", b"shmem"))
        return max(0, of_files - shared)

    def _forget_peak(self) -> None:
        """From Linux 6.12 on whoever holds the file open can have a peak of his own; elsewhere it is that of the
        group's life."""
        try:
            self._peak_file = os.open(f"{self._path}/memory.peak", os.O_RDWR | os.O_CLOEXEC)
            os.write(self._peak_file, b"reset")
        except OSError:
            return

    def _peak(self) -> int | None:
        try:
            return int(self._contents("memory.peak") if self._peak_file == -1 else os.pread(self._peak_file, 32, 0))
        except (OSError, ValueError):
            return None

    def _read(self) -> int | None:
        try:
            lines = self._contents("io.stat").splitlines()
        except OSError:
            return None
        fields = (field for line in lines if not _is_stacked(line.split()[0]) for field in line.split()[1:])
        return sum(int(field[7:]) for field in fields if field.startswith(b"rbytes="))

    def _contents(self, name: str) -> bytes:
        with open(f"{self._path}/{name}", "rb", buffering=0) as file:
            return file.readall()


def _is_stacked(device: bytes) -> bool:
    """Whether it lies on other devices, which count the same bytes: dm-crypt, LVM, RAID."""
    try:
        return bool(os.listdir(b"/sys/dev/block/" + device + b"/slaves"))
    except OSError:
        return False
