"""The clock of one installation, set by a test: a shim in front of the C library (`clock_shim.c`)."""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("clock_shim.c")
_OFFSETS = struct.Struct("=qq")


def build_shim(folder: Path) -> Path:
    """Compile it; the test is skipped where nothing can."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    target = folder / "clock_shim.so"
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", target, _SOURCE], check=True)
    return target


class WallClock:
    """What time it is for whoever has `environment`: the machine's own clocks, plus offsets."""

    def __init__(self, folder: Path, shim: Path) -> None:
        self._file = folder / "clock-offsets"
        self._realtime = self._boottime = timedelta()
        self._write(create=True)
        self.environment = {"LD_PRELOAD": str(shim), "FAKETIME_OFFSETS": str(self._file)}

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC) + self._realtime

    def set(self, instant: datetime) -> None:
        """Somebody sets the clock: CLOCK_REALTIME alone."""
        self._realtime += instant - self.now()
        self._write()

    def step(self, by: timedelta) -> None:
        """The same, by so much."""
        self._realtime += by
        self._write()

    def suspend(self, span: timedelta) -> None:
        """The machine sleeps so long: CLOCK_REALTIME and CLOCK_BOOTTIME went on, CLOCK_MONOTONIC stood."""
        self._realtime += span
        self._boottime += span
        self._write()

    def _write(self, *, create: bool = False) -> None:
        counts = (round(offset / timedelta(microseconds=1)) * 1000 for offset in (self._realtime, self._boottime))
        with self._file.open("wb" if create else "r+b", buffering=0) as file:
            file.write(_OFFSETS.pack(*counts))  # one write: who has it mapped sees both change
