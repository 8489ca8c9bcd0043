"""A datagram that wakes the daemon: "look into the store". It carries nothing, and a lost one costs a second."""

from __future__ import annotations

import _socket  # without the enums of `socket`, which take a while
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

# sun_path holds 108 bytes; a longer path is reached through a descriptor of its folder.
_LONGEST_PATH = 100


class Doorbell:
    """The daemon's end. `fileno` is readable after a ring; `drain` makes it quiet again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM | _socket.SOCK_NONBLOCK)
        path.unlink(missing_ok=True)
        with _reachable(path) as address:
            self._socket.bind(address)
        path.chmod(0o600)

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> None:
        """Take all rings that have come."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(64)

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


def ring(path: Path) -> None:
    """Wake the daemon if there is one. Never fails and never waits: the store holds what matters."""
    with (
        contextlib.suppress(OSError),
        contextlib.closing(_socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM | _socket.SOCK_NONBLOCK)) as bell,
        _reachable(path) as address,
    ):
        bell.sendto(b"\n", address)


@contextlib.contextmanager
def _reachable(path: Path) -> Iterator[str]:
    text = str(path)
    if len(os.fsencode(text)) <= _LONGEST_PATH:
        yield text
        return
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
