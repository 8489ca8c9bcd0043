"""What the machine gives: Python and its libraries, SQLite, zone data, the clock, the disk."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sqlite3
import sys
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from jobctl.clock import is_synchronised
from jobctl.config.system_zone import system_zone
from jobctl.domain.settings import DISK_RESERVE_BYTES
from jobctl.domain.units import format_size
from jobctl.operations.context import Context
from jobctl.operations.doctor import Finding, Level
from jobctl.presence import is_folder, is_there

_FEW_INODES = 10_000
_MENDED_SQLITES = ((3, 44, 6), (3, 50, 7))  # https://sqlite.org/wal.html#walresetbug
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "afs"}
_VOLATILE = {"tmpfs", "ramfs"}
Version = tuple[int, ...]


def of_machine() -> Iterator[Finding]:
    """What does not depend on an installation's places."""
    yield _python()
    yield libraries()
    yield sqlite(sqlite3.sqlite_version)
    yield zone_data(Path("/usr/share/zoneinfo"))
    yield clock(is_synchronised())


def _python() -> Finding:
    words = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info.releaselevel != "final":
        return Finding("python", Level.DOUBTFUL, f"{words} is a pre-release", "use a released Python")
    return Finding("python", Level.GOOD, words)


def libraries() -> Finding:
    """Whether each library that jobctl asks for is there in a version that it asks for."""
    found, wrong = [], []
    for line in importlib.metadata.requires("jobctl") or ():
        if "extra ==" in line:
            continue
        name, bounds = _requirement(line)
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        found.append(f"{name} {version}")
        if not all(_holds(version, *bound) for bound in bounds):
            wrong.append(f"{name} {version} is not {','.join(''.join(bound) for bound in bounds)}")
    if wrong:
        return Finding("libraries", Level.BAD, ", ".join(wrong), f"{sys.executable} -m pip install --upgrade jobctl")
    return Finding("libraries", Level.GOOD, ", ".join(found))


def _requirement(line: str) -> tuple[str, list[tuple[str, str]]]:
    """`typer<0.29,>=0.26` as a name and its bounds."""
    name = re.match(r"[\w.-]+", line)
    return (name[0] if name else line), re.findall(r"(>=|<=|==|<|>)\s*([\d.]+)", line.split(";")[0])


def _holds(version: str, sign: str, bound: str) -> bool:
    have, want = _numbers(version), _numbers(bound)
    longest = max(len(have), len(want))
    have, want = (numbers + (0,) * (longest - len(numbers)) for numbers in (have, want))
    return {">=": have >= want, "<=": have <= want, "==": have == want, "<": have < want, ">": have > want}[sign]


def _numbers(version: str) -> Version:
    return tuple(int(number) for number in re.findall(r"\d+", re.split(r"[a-z+-]", version)[0]))


def sqlite(version: str) -> Finding:
    """Its version, and what is known of it. 3.7.0 to 3.51.2 can damage a database when a write meets a checkpoint; the
    later releases of two older branches are mended."""
    have = _numbers(version)
    mended = any(have[:2] == first[:2] and have >= first for first in _MENDED_SQLITES)
    if (3, 7, 0) <= have <= (3, 51, 2) and not mended:
        words = f"SQLite {version} has the WAL-reset bug (3.7.0 to 3.51.2); jobctl's write lock keeps clear of it"
        return Finding("sqlite", Level.GOOD, words, "let no other program write to jobctl.db; to read it is harmless")
    return Finding("sqlite", Level.GOOD, f"SQLite {version}")


def zone_data(folder: Path) -> Finding:
    """The system's zone data, which comes first, against that of the package `tzdata`."""
    import tzdata  # type: ignore[import-untyped]  # only here, as everybody else reads it through zoneinfo

    zone, packaged = system_zone(), str(tzdata.IANA_VERSION)
    if str(folder) not in zoneinfo.TZPATH or not is_folder(folder):
        return Finding("zones", Level.GOOD, f"zone {zone}; zone data {packaged} of the package tzdata")
    version = _version_of(folder)
    if version is None:
        return Finding("zones", Level.GOOD, f"zone {zone}; zone data of the system, which does not tell its version")
    words = f"zone {zone}; zone data {version} of the system"
    if version[:4].isdigit() and int(packaged[:4]) - int(version[:4]) >= 1 and version < packaged:
        advice = "update the system's package tzdata: schedules follow rules that may have changed"
        return Finding("zones", Level.DOUBTFUL, f"{words}, older than {packaged}", advice)
    return Finding("zones", Level.GOOD, words)


def _version_of(folder: Path) -> str | None:
    for name, pattern in (("tzdata.zi", r"# version (\w+)"), ("+VERSION", r"(\w+)")):
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                if found := re.match(pattern, file.readline()):
                    return found[1]
        except OSError:
            continue
    return None


def clock(synchronised: bool | None) -> Finding:
    """None: the kernel does not tell."""
    if synchronised is None:
        return Finding("clock", Level.GOOD, "the kernel does not tell whether it is synchronised")
    if not synchronised:
        advice = "run chrony or systemd-timesyncd; in a container or a virtual machine that is the host's business"
        return Finding("clock", Level.DOUBTFUL, "not synchronised, says the kernel", advice)
    return Finding("clock", Level.GOOD, "synchronised")


def of_disk(ctx: Context) -> Iterator[Finding]:
    """Where the state directory lies, or would lie."""
    place = ctx.places.state_dir
    while not is_there(place):
        place = place.parent
    yield room(os.statvfs(place), place)
    yield file_system(_kind_of_file_system(place), place)


def room(usage: os.statvfs_result, place: Path) -> Finding:
    free = usage.f_bavail * usage.f_frsize
    words = f"{format_size(free)} free at {place}"
    if free < DISK_RESERVE_BYTES:
        advice = f"make room: below {format_size(DISK_RESERVE_BYTES)} nothing starts"
        return Finding("disk", Level.BAD, words, advice)
    if free < 10 * DISK_RESERVE_BYTES:
        return Finding("disk", Level.DOUBTFUL, words, "make room, or bound the history: [retention] max_log_bytes")
    if usage.f_files and usage.f_favail < _FEW_INODES:
        few = f"{usage.f_favail} inodes left at {place}"
        return Finding("disk", Level.DOUBTFUL, few, "each attempt has a log file: remove files, or shorten [retention]")
    return Finding("disk", Level.GOOD, words)


def file_system(kind: str, place: Path) -> Finding:
    if kind in _NETWORK:
        words = f"{place} is on {kind}, where locks and syncs cannot be relied on"
        return Finding("file system", Level.BAD, words, "put the state directory on a local disk")
    if kind in _VOLATILE:
        words = f"{place} is on {kind}: runs and logs are gone with the next boot"
        return Finding("file system", Level.DOUBTFUL, words, "put the state directory on a disk")
    return Finding("file system", Level.GOOD, kind or "unknown")


def _kind_of_file_system(place: Path) -> str:
    """By the longest mount point above the place; the newest of several on one point. Empty when it cannot be told."""
    best, kind = -1, ""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return ""
    target = str(place.resolve())
    for line in lines:
        head, _, tail = line.partition(" - ")
        point = head.split()[4].replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), tail.split()[0]
    return kind
