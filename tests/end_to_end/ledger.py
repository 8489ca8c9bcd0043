"""What was acknowledged: one line `RUN JOB` for each id that was printed, written after it was printed."""

from __future__ import annotations

import os
from pathlib import Path


class Ledger:
    """Clients append to the file themselves; a line that is not whole was not acknowledged."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def acknowledge(self, run: str, job: str) -> None:
        self.path.touch()
        with self.path.open("a") as file:
            file.write(f"{run} {job}\n")

    def open(self) -> int:
        """A descriptor for a client's standard output."""
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def runs(self) -> dict[str, str]:
        """Acknowledged runs and their jobs."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text().splitlines(keepends=True)
        pairs = [line.split() for line in lines if line.endswith("\n")]
        runs = dict(pairs)
        assert len(runs) == len(pairs), "an id was given to two runs"
        return runs
