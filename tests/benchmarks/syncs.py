"""How often processes ask the disk to keep what they wrote, counted by strace."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from tests.end_to_end.waiting import until

_CALL = re.compile(rb"^(?:fsync|fdatasync)\(", re.MULTILINE)


class SyncCount:
    """Counts the syncs of processes, and of those that they start, for as long as the block lasts.

    Everything is a little slower meanwhile, so nothing is to be timed then.
    """

    def __init__(self, pids: Iterable[int], folder: Path) -> None:
        self._pids = list(pids)
        self._folder = folder

    @staticmethod
    def is_possible() -> bool:
        return shutil.which("strace") is not None

    def __enter__(self) -> SyncCount:
        self._folder.mkdir()
        words = [word for pid in self._pids for word in ("-p", str(pid))]
        with (self._folder / "strace.log").open("wb") as log:
            self._strace = subprocess.Popen(
                ["strace", "-ff", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", "calls", *words],
                cwd=self._folder, stdin=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        until(self._is_attached, "strace follows the processes")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._strace.send_signal(signal.SIGINT)  # lets go of the processes
        self._strace.wait(30)

    def by_process(self) -> Counter[int]:
        """How many syncs each process made, once the block is over."""
        files = self._folder.glob("calls.*")
        return Counter({int(file.suffix[1:]): len(_CALL.findall(file.read_bytes())) for file in files})

    def _is_attached(self) -> bool:
        if self._strace.poll() is not None:
            raise RuntimeError((self._folder / "strace.log").read_text())
        return (self._folder / "strace.log").read_bytes().count(b"attached") >= len(self._pids)
