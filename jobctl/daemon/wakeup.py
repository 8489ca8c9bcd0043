"""The one place where the daemon waits: signals, the doorbell, the keepers, the next deadline."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from types import FrameType
from typing import Protocol

from jobctl.doorbell import Doorbell

_STOP = (signal.SIGTERM, signal.SIGINT)


class Readable(Protocol):
    """A source of events that another part reads itself."""

    def fileno(self) -> int: ...


class Wakeup:
    """An epoll over everything that can happen. `wait` returns what did; nothing is polled."""

    def __init__(self, doorbell: Doorbell, *sources: Readable) -> None:
        self._doorbell = doorbell
        self._epoll = select.epoll()
        self._reader, self._writer = socket.socketpair(type=socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._previous_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._signal_fd, self._doorbell_fd = self._reader.fileno(), doorbell.fileno()
        descriptors = (self._signal_fd, self._doorbell_fd, *(source.fileno() for source in sources))
        for descriptor in descriptors:
            self._epoll.register(descriptor, select.EPOLLIN)
        self._sources = len(descriptors)
        self.stops = 0
        self.hangups = 0
        for number in _STOP:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_hangup)
        # Ended keepers are found by their sockets and pidfds; a closed stderr is an error, not a death.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def wait(self, seconds: float) -> bool:
        """Sleep until something happens or `seconds` have passed; True when something happened."""
        ready = [descriptor for descriptor, _ in self._epoll.poll(max(0.0, seconds), self._sources)]
        if self._signal_fd in ready:
            self._drain_signals()
        if self._doorbell_fd in ready:
            self._doorbell.drain()
        return bool(ready)

    def rest(self, seconds: float) -> bool:
        """`wait` for signals alone: what else has happened stays until it can be seen to. True when one came."""
        poll = select.poll()
        poll.register(self._signal_fd, select.POLLIN)
        if not poll.poll(max(0.0, 1000 * seconds)):
            return False
        self._drain_signals()
        return True

    def close(self) -> None:
        signal.set_wakeup_fd(self._previous_fd)
        self._epoll.close()
        self._reader.close()
        self._writer.close()

    def _drain_signals(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(64):
                pass

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        self.hangups += 1
