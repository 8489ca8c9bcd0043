"""Signals that are meant for a command, taken in the place of the process that stands for it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_STOPS = (signal.SIGTSTP, signal.SIGCONT)


class Forwarding:
    """While entered, signals are kept for `take`; those that the caller ignores (`nohup`) stay ignored."""

    def __enter__(self) -> Forwarding:
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before: dict[int, Any] = {}
        self._noted: deque[int] = deque()
        self._keep(_FORWARDED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back(tuple(self._before))
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    @contextlib.contextmanager
    def of_stops(self) -> Iterator[None]:
        """Within it Ctrl-Z and what continues a stopped process are kept for `take`, too; elsewhere they stop and
        continue this process alone."""
        self._keep(_STOPS)
        try:
            yield
        finally:
            self._give_back(_STOPS)

    def stop_here(self) -> bool:
        """Stop this process, as SIGTSTP does, until it is continued; whether what continued it is still to be taken.
        Returns at once if it has come already, and where nobody could continue this process: the kernel stops none
        whose group has no parent in its session, such as what cron starts."""
        if not self._has_been_continued():
            # SIGCONT is never held back: while it waited, a stop would take it back. The stop waits instead, and from
            # then on SIGCONT takes it back.
            signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTSTP,))
            self._give_back((signal.SIGTSTP,))
            os.kill(os.getpid(), signal.SIGTSTP)
            if self._has_been_continued():
                signal.signal(signal.SIGTSTP, signal.signal(signal.SIGTSTP, signal.SIG_IGN))  # the stop is gone
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTSTP,))
            self._keep((signal.SIGTSTP,))
        return self._has_been_continued()

    def _has_been_continued(self) -> bool:
        self._note_all()
        return signal.SIGCONT in self._noted

    def _keep(self, numbers: Iterable[signal.Signals]) -> None:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _note)

    def _give_back(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number in self._before:
                signal.signal(number, self._before.pop(number))

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._reader

    def take(self) -> Iterator[int]:
        """The numbers of those that came since the last call, and of those that came during a stop among them."""
        self._note_all()
        while self._noted:
            yield self._noted.popleft()

    def _note_all(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._noted.extend(_in_order([number for number in os.read(self._reader, 4096) if number in self._before]))


def _in_order(numbers: list[int]) -> list[int]:
    """Of a stop and what continues it, delivered at once, the kernel has the latter handled first. A stop that really
    came so soon after is passed over: better than one that nobody ends."""
    for at in range(len(numbers) - 1):
        follows_its_stop = at > 0 and numbers[at - 1] == signal.SIGTSTP
        if numbers[at : at + 2] == [signal.SIGCONT, signal.SIGTSTP] and not follows_its_stop:
            numbers[at : at + 2] = [signal.SIGTSTP, signal.SIGCONT]
    return numbers


def _note(number: int, frame: FrameType | None) -> None:
    """Its number is on the wake-up descriptor; that is all a handler is for here."""
