"""File systems of a test's own: one that is small, and one that loses power. Root only."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import subprocess
import time
from pathlib import Path

import pytest

# linux/ext4.h: stop as if power went, without writing out the journal.
_EXT4_IOC_SHUTDOWN = 0x8004587D
_WITHOUT_FLUSH = ctypes.c_uint32(2)


class SmallDisk:
    """A tmpfs of `megabytes`, of which a filler takes as much as it is told."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        folder.mkdir(mode=0o700)
        self.folder = folder
        self._filler = folder / "filler"
        options = f"size={megabytes}m,mode=0700"
        _mount("-t", "tmpfs", "-o", options, "tmpfs", str(folder))

    def free(self) -> int:
        """Bytes that are free."""
        stat = os.statvfs(self.folder)
        return stat.f_bavail * stat.f_frsize

    def leave(self, free: int) -> None:
        """Write or cut the filler so that so many bytes are free."""
        size = self._filler.stat().st_size if self._filler.exists() else 0
        wanted = max(0, size + self.free() - free)
        with self._filler.open("ab") as filler:
            if wanted < size:
                filler.truncate(wanted)
            else:
                os.posix_fallocate(filler.fileno(), size, wanted - size)

    def fill(self) -> None:
        """Leave nothing at all."""
        with self._filler.open("ab") as filler:
            for chunk in (bytes(1 << 20), bytes(4096), b"x"):
                try:
                    while True:
                        os.write(filler.fileno(), chunk)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def remove(self) -> None:
        """Take it away with all that is on it."""
        _unmount(self.folder)


class FailingDisk:
    """An ext4 on a loop device in a file. `cut_power` loses what was not synced; `power_on` mounts it again."""

    def __init__(self, image: Path, folder: Path, megabytes: int = 256) -> None:
        self._image = image
        self.folder = folder
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        folder.mkdir(mode=0o700)
        self.power_on()
        folder.chmod(0o700)

    def power_on(self) -> None:
        """Mount it; the journal is replayed."""
        _mount("-o", "loop", str(self._image), str(self.folder))

    def cut_power(self) -> None:
        """From now on every write fails, and what was not on the disk never will be."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, _EXT4_IOC_SHUTDOWN, _WITHOUT_FLUSH)
        finally:
            os.close(folder)

    def unmount(self) -> None:
        """Once nobody uses it any more."""
        _unmount(self.folder)

    def remove(self) -> None:
        """Take it away."""
        if os.path.ismount(self.folder):
            _unmount(self.folder)


def _mount(*words: str) -> None:
    """Skips the test where nothing may be mounted."""
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if "permission denied" in done.stderr or os.geteuid() != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


def _unmount(folder: Path) -> None:
    """A process that has just been killed may hold it for a moment."""
    deadline = time.monotonic() + 20
    while subprocess.run(["umount", str(folder)], capture_output=True).returncode != 0:
        assert time.monotonic() < deadline, f"{folder} stays in use"
        time.sleep(0.05)
