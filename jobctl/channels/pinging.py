"""The child process that pings addresses: `python -m jobctl.channels.pinging`, a socket as standard input.

A thread for each ping, so that no server holds up another. Each request is one packet of JSON, and so is each answer.
When the other end of the socket is gone, what is under way may still arrive; then it ends.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from jobctl.channels.interface import ChannelProblem
from jobctl.channels.letter import fetched, reference
from jobctl.channels.web import request
from jobctl.domain.heartbeat import address
from jobctl.domain.job import FromEnv, FromFile
from jobctl.domain.masking import mask

_PACKET = 65_536
_SHORTEST_PART = 8  # of a path: shorter ones are words such as `ping`
_LONGEST_PROBLEM = 1_000  # characters: what a server says may be of any length, and an answer is one packet
_NO_TIME_LEFT = "the server did not answer in time"


def main() -> None:
    """Serve until the socket is closed."""
    line = socket.socket(fileno=sys.stdin.fileno())
    pinging = _Pinging(line)
    while data := line.recv(_PACKET):
        pinging.begin(json.loads(data))
    pinging.finish()
    os._exit(0)  # threads that still wait for a server hold nothing that matters


class _Pinging:
    """The pings that are under way. Each is answered once: by its thread, or by the clock."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._open: dict[int, float] = {}
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()
        threading.Thread(target=self._mind_the_time, daemon=True).start()

    def begin(self, asked: dict[str, Any]) -> None:
        with self._lock:
            self._open[asked["id"]] = time.monotonic() + asked["timeout"]
        threading.Thread(target=self._ping, args=(asked,), daemon=True).start()

    def finish(self) -> None:
        """Wait for what is under way, as long as it has time."""
        while self._open:
            self._news.get()

    def _ping(self, asked: dict[str, Any]) -> None:
        self._answer(asked["id"], ping(reference(asked["url"]), asked["suffix"], asked["timeout"]))

    def _mind_the_time(self) -> None:
        while True:
            time.sleep(0.5)
            with self._lock:
                late = [number for number, until in self._open.items() if until < time.monotonic()]
            for number in late:
                self._answer(number, _NO_TIME_LEFT)

    def _answer(self, number: int, problem: str | None) -> None:
        with self._lock:
            if self._open.pop(number, None) is not None:
                with suppress(OSError):  # nobody listens any more
                    self._line.send(json.dumps({"id": number, "problem": problem}).encode())
        self._news.put(None)


def ping(url: object, suffix: str, timeout: float) -> str | None:
    """Ask for the address with its suffix. What went wrong comes as a sentence without the address in it."""
    text = ""
    assert isinstance(url, str | FromFile | FromEnv)
    try:
        text = fetched("heartbeat", url).strip()
        request(address(text, suffix), timeout)
    except ChannelProblem as problem:
        return _sentence(str(problem), text)
    except Exception as problem:
        return _sentence(f"{type(problem).__name__}: {problem}", text)
    return None


def _sentence(problem: str, url: str) -> str:
    return " ".join(mask(problem, _secret_parts(url)).split())[:_LONGEST_PROBLEM]


def _secret_parts(url: str) -> set[str]:
    """The address, and what of it may be a key: errors quote either."""
    try:
        parts = urlsplit(url)
        pieces = [*parts.path.split("/"), *parts.query.replace("=", "&").split("&"), parts.password or ""]
        pieces.append(parts.netloc.rpartition(":")[2])  # where the address is broken, anything may be the port
    except ValueError:
        return {url}
    return {url, parts.path.rstrip("/")} | {form for one in pieces for form in (one, unquote(one)) if _is_key(form)}


def _is_key(piece: str) -> bool:
    return len(piece) >= _SHORTEST_PART


if __name__ == "__main__":
    main()
