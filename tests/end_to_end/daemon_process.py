"""The real `jobctl daemon` as a process: ready when it says so to its service manager, ended when its pidfd says so."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class NotReady(AssertionError):
    """The daemon ended, or said nothing, before it was ready."""


class Daemon:
    """One daemon process. Its log goes to `log`, appended."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._manager.bind("")  # the kernel chooses an abstract name
        name = self._manager.getsockname()
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                command,
                env={**environment, "NOTIFY_SOCKET": "@" + os.fsdecode(name)[1:]},
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
            )
        self._log = log
        self._pidfd = os.pidfd_open(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, seconds: float = 30.0) -> Daemon:
        """Until it says READY=1. NotReady with the end of its log when that does not come."""
        return self.wait_for_word("READY=1", seconds)

    def wait_for_word(self, word: str, seconds: float = 30.0) -> Daemon:
        """Until it says this to its service manager. NotReady as above."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            sources = [self._manager.fileno(), self._pidfd]
            readable, _, _ = select.select(sources, (), (), max(0.0, deadline - time.monotonic()))
            if sources[0] in readable:
                if word.encode() in self._manager.recv(4096).split(b"\n"):
                    return self
            elif readable:
                break
        state = "is silent" if self._process.poll() is None else f"ended with {self._process.returncode}"
        raise NotReady(f"the daemon {state}:\n{self.log_tail()}")

    def forget_words(self) -> None:
        """Hear only what it says to its service manager from now on."""
        while select.select([self._manager], (), (), 0)[0]:
            self._manager.recv(4096)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end; False when it lives after `seconds`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def exit_code(self, seconds: float = 30.0) -> int:
        """Its exit code once it has ended; negative for a signal."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait(30)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.signal(signal.SIGTERM)
        return self.exit_code()

    def signal(self, number: int) -> None:
        if not self.has_ended():
            self._process.send_signal(number)

    def log_tail(self, characters: int = 3000) -> str:
        return self._log.read_text(errors="replace")[-characters:]

    def close(self) -> None:
        """Kill it if it lives, and let go of its descriptors."""
        self.kill()
        if self._pidfd != -1:
            os.close(self._pidfd)
            self._pidfd = -1
        self._manager.close()
