"""A child process that delivers one letter, as its parent sees it: started, waited for, and killed when it is late."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass

from jobctl.channels.letter import Letter

_MOST_SAID = 500
HARD_TIMEOUT_S = 60.0
PATIENCE_S = 15.0  # that a channel waits for others at a time


@dataclass(frozen=True, slots=True)
class Delivered:
    """How it went; `problem` None: the channel took it."""

    problem: str | None


class Courier:
    """One delivery. Its letter goes through memory alone; nothing of it is in the arguments or the environment."""

    def __init__(self, letter: Letter) -> None:
        """OSError when the machine has no process or descriptor for it."""
        with contextlib.ExitStack() as undo:
            given = os.memfd_create("letter", os.MFD_CLOEXEC)
            undo.callback(os.close, given)
            self._answer = os.memfd_create("answer", os.MFD_CLOEXEC)
            on_failure = contextlib.ExitStack()
            with on_failure:
                on_failure.callback(os.close, self._answer)
                os.write(given, letter.write())
                os.lseek(given, 0, os.SEEK_SET)
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "jobctl.channels"],
                    stdin=given, stdout=self._answer, stderr=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
                on_failure.pop_all()
        self._pidfd = os.pidfd_open(self._process.pid)

    def fileno(self) -> int:
        """Readable when it has ended."""
        return self._pidfd

    def result(self) -> Delivered | None:
        """How it went; None: it is on its way."""
        status = self._process.poll()
        if status is None:
            return None
        said = os.pread(self._answer, _MOST_SAID, 0).decode(errors="replace").strip()
        if status == 0:
            return Delivered(None)
        if status in (-signal.SIGALRM, -signal.SIGKILL):
            return Delivered(said or "the channel did not answer in time")
        return Delivered(said or f"the delivery ended with status {status}")

    def wait(self, seconds: float = HARD_TIMEOUT_S) -> Delivered:
        """How it went, after at most so long."""
        select.select([self._pidfd], [], [], seconds)
        if (result := self.result()) is None:
            self.kill()
            self._process.wait()
            result = self.result() or Delivered("the channel did not answer in time")
        return result

    def kill(self) -> None:
        """End it and what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it once it has ended."""
        os.close(self._pidfd)
        os.close(self._answer)
