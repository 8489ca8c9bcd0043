"""Signals that are meant for a command, taken in the place of the process that stands for it."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType, TracebackType
from typing import Any

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


class Forwarding:
    """While entered, signals are kept for `take`; those that the caller ignores (`nohup`) stay ignored."""

    def __enter__(self) -> Forwarding:
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before: dict[int, Any] = {}
        for number in _FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._reader

    def take(self) -> list[int]:
        """The numbers of those that came since the last call."""
        with contextlib.suppress(BlockingIOError):
            return [number for number in os.read(self._reader, 4096) if number in self._before]
        return []


def _note(number: int, frame: FrameType | None) -> None:
    """Its number is on the wake-up descriptor; that is all a handler is for here."""
