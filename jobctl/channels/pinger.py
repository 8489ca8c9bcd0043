"""The child process that pings addresses, as its parent sees it: started when there is something to ping.

It stays for the next pings, since an interpreter for each would cost more than all of them; what hangs in it, or it
itself, holds nobody up.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from jobctl.channels.letter import written
from jobctl.domain.job import FromEnv, FromFile

TIMEOUT_S = 10.0  # for one ping
_HARD_TIMEOUT_MS = 30_000  # then the child itself hangs
_AT_ONCE = 32
_PACKET = 65_536
_TOO_LONG = "the address is too long"
_GONE = "the process that pings has ended"


@dataclass(frozen=True, slots=True)
class Pinged:
    """How a ping went; `problem` None: it was taken."""

    id: int
    problem: str | None


class Pinger:
    """One child process with its pings. Made anew when it has ended."""

    def __init__(self) -> None:
        """OSError when the machine has no process or descriptor for it."""
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-P", "-m", "jobctl.channels.pinging"],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._line.close()
            raise
        finally:
            theirs.close()
        self._line.setblocking(False)
        self._asked: dict[int, int] = {}
        self._unsendable: list[Pinged] = []
        self.has_ended = False

    def fileno(self) -> int:
        """Readable when there are answers, or when it has ended."""
        return self._line.fileno()

    @property
    def is_full(self) -> bool:
        return len(self._asked) >= _AT_ONCE

    def send(self, number: int, url: str | FromFile | FromEnv, suffix: str, now: int) -> bool:
        """Ping an address. False: not now, it is full or has ended."""
        packet = json.dumps({"id": number, "url": written(url), "suffix": suffix, "timeout": TIMEOUT_S}).encode()
        if self.is_full or self.has_ended:
            return False
        if len(packet) > _PACKET:  # such as a path without end: no child could take it, however often it is replaced
            self._unsendable.append(Pinged(number, _TOO_LONG))
            return True
        try:
            self._line.send(packet)
        except BlockingIOError:
            return False
        except OSError:
            self.has_ended = True
            return False
        self._asked[number] = now
        return True

    def answers(self, now: int) -> list[Pinged]:
        """What came back since the last call. A child that has ended, or that has to be ended because it hangs, took
        nothing of what it had."""
        found, self._unsendable = self._unsendable, []
        with contextlib.suppress(BlockingIOError):
            while data := self._receive():
                answer = json.loads(data)
                if self._asked.pop(answer["id"], None) is not None:
                    found.append(Pinged(answer["id"], answer["problem"]))
        if any(not 0 <= now - at < _HARD_TIMEOUT_MS for at in self._asked.values()):
            self.kill()
        if self.has_ended:
            found += [Pinged(number, _GONE) for number in self._asked]
            self._asked.clear()
        return found

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.has_ended = True

    def close(self) -> None:
        """Let go of it: it finishes what it has, and ends."""
        self._line.close()
        threading.Thread(target=self._process.wait, daemon=True).start()  # or it would stay as a zombie

    def _receive(self) -> bytes:
        try:
            data = self._line.recv(_PACKET)
        except ConnectionError:
            data = b""
        self.has_ended = self.has_ended or not data
        return data
