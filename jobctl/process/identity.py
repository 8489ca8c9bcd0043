"""Which process is meant. A pid alone names nobody: it is reused; with its start time and the boot id it is unique."""

# ruff: noqa: PTH208
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import os

BOOT_ID_LENGTH = 36


def boot_id() -> str:
    """The kernel's random name of this boot, 36 characters (random(4))."""
    return _contents("/proc/sys/kernel/random/boot_id")[:BOOT_ID_LENGTH].decode("ascii")


class Stat:
    """What the kernel says of a process (proc_pid_stat(5)); `start_time` in clock ticks since boot."""

    __slots__ = ("cpu_ticks", "ppid", "rss_pages", "session", "start_time", "state")

    def __init__(self, state: str, ppid: int, session: int, start_time: int, cpu_ticks: int, rss_pages: int) -> None:
        self.state = state  # one letter; Z is a zombie, X is gone
        self.ppid = ppid
        self.session = session
        self.start_time = start_time
        self.cpu_ticks = cpu_ticks  # its own and those of the children it has reaped
        self.rss_pages = rss_pages


def stat(pid: int) -> Stat | None:
    """The process as it is now; None when there is no such process."""
    fields = _stat_fields(pid)
    if fields is None:
        return None
    ticks = int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
    return Stat(fields[0].decode("ascii"), int(fields[1]), int(fields[3]), int(fields[19]), ticks, int(fields[21]))


def start_time(pid: int) -> int | None:
    """Clock ticks between boot and the start of the process; None when there is no such process."""
    fields = _stat_fields(pid)
    return None if fields is None else int(fields[19])


def _stat_fields(pid: int) -> list[bytes] | None:
    """Numbered as in proc_pid_stat(5), less three."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        text = os.read(fd, 4096)
    except OSError:
        return None  # it went between the two calls
    finally:
        os.close(fd)
    # The name is in parentheses and may hold any byte, spaces and parentheses too.
    return text[text.rindex(b")") + 2 :].split(None, 22)


def is_same(pid: int, started: int) -> bool:
    """Whether `pid` is still the process that started at `started`, and not yet a zombie."""
    found = stat(pid)
    return found is not None and found.start_time == started and found.state not in "ZX"


def bytes_moved(pid: int) -> tuple[int, int] | None:
    """What the process and the children it has reaped made storage read and write (proc_pid_io(5)): reads that the
    page cache answered do not count. None when it is gone or may not be looked at."""
    try:
        fd = os.open(f"/proc/{pid}/io", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        words = os.read(fd, 1024).split()
    except OSError:
        return None
    finally:
        os.close(fd)
    return int(words[9]), int(words[11])


def proportional_memory(pid: int) -> int:
    """Bytes of resident memory, a shared page divided among those who share it (proc_pid_smaps(5)); 0 when it is gone
    or may not be looked at. Costly: the kernel walks over all its pages."""
    try:
        words = _contents(f"/proc/{pid}/smaps_rollup").split()
        return 1024 * int(words[words.index(b"Pss:") + 1])
    except (OSError, ValueError):
        return 0


def environment(pid: int) -> list[bytes]:
    """The variables that the process was executed with, `NAME=value` each; empty when it may not be read."""
    try:
        return _contents(f"/proc/{pid}/environ").split(b"\0")
    except OSError:
        return []


def all_pids() -> list[int]:
    """Every process that /proc shows now."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _contents(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        contents = piece = os.read(fd, 65536)
        while piece:  # the kernel may hand out less than asked for before the end
            piece = os.read(fd, 65536)
            contents += piece
        return contents
    finally:
        os.close(fd)
