"""How many processes some processes and their children may be: a control group of their own. Root only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.waiting import until

_VERSION_1 = Path("/sys/fs/cgroup/pids")
_VERSION_2 = Path("/sys/fs/cgroup")


class ProcessBudget:
    """A group of the `pids` controller; the test is skipped where there is none to be had."""

    def __init__(self, name: str) -> None:
        parent = _VERSION_1 if _VERSION_1.is_dir() else _VERSION_2
        self._group = parent / name
        try:
            self._group.mkdir()
            self.allow(1000)
        except OSError as error:
            if self._group.is_dir():
                self._group.rmdir()
            pytest.skip(f"no control group can limit processes here: {error}")

    def restrict(self, pid: int) -> None:
        """Count this process, and its children from now on."""
        (self._group / "cgroup.procs").write_text(str(pid))

    def allow(self, processes: int) -> None:
        """No fork succeeds that would make more."""
        (self._group / "pids.max").write_text(str(processes))

    def remove(self) -> None:
        """Let whoever is still in it go back, and take it away."""
        for pid in (self._group / "cgroup.procs").read_text().split():
            if Path(f"/proc/{pid}").exists():
                (self._group.parent / "cgroup.procs").write_text(pid)
        until(self._is_removed, "the control group can be removed")

    def _is_removed(self) -> bool:
        try:
            self._group.rmdir()
        except OSError:
            return False
        return True
