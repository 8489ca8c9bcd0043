"""Ctrl-C. It ends the process before a verb is at work (see `__main__`), then it is raised; the verbs that follow a run
count it instead, and decide what the first and the second one mean."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType


def hear() -> None:
    """Let Ctrl-C be KeyboardInterrupt from here on, unless the caller wants it to be ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Interrupts:
    """While entered, SIGINT is counted in `count`; one that the caller ignores (`&` in a script) stays ignored."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Interrupts:
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
