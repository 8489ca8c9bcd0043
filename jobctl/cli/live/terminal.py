"""The terminal while a screen fills it: keys come one by one, and whatever ends the program, it gets back what it had.

Signals are not acted upon where they arrive but told as events: only the loop knows when nothing is half drawn.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import tty
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import TextIO

from jobctl.cli.live.keyboard import KeyDecoder
from jobctl.clock import Clock

RESIZED, GONE = "resized", "gone"
"""Events beside the keys: the size or the whole screen has changed; nobody sits there any more."""

_ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J"  # another screen, no wrapping, no cursor; xterm's control sequences
_LEAVE = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l"
_SEQUENCE_MS = 50  # what comes later than this after Escape is another key
_NOTED = (signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP)
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Terminal:
    """To be entered; leaving gives the terminal back. A signal that ends the program is delivered after that."""

    def __init__(self, stream: TextIO, keys: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._keys = keys.fileno() if keys.isatty() else None
        self._decoder = KeyDecoder()
        self._noted: set[int] = set()
        self._ended_by: int | None = None
        self._saved: list[object] | None = None
        self._restoring = contextlib.ExitStack()

    def __enter__(self) -> Terminal:
        with contextlib.ExitStack() as undoing:
            self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
            undoing.callback(os.close, wake)
            undoing.callback(os.close, self._woken)
            undoing.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(wake, warn_on_full_buffer=False))
            for number in (*_NOTED, *_ENDING):
                undoing.callback(signal.signal, number, signal.signal(number, self._note))
            undoing.callback(self._leave)
            self._take()
            self._restoring = undoing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restoring.close()
        if self._ended_by == signal.SIGINT:
            raise KeyboardInterrupt
        if self._ended_by is not None:  # whoever sent it sees the program die of it
            _die_of(self._ended_by)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            columns, lines = os.get_terminal_size(self._stream.fileno())
        except OSError:
            return 80, 24
        return columns or 80, lines or 24

    def events(self, until: int) -> Iterator[str]:
        """Keys, RESIZED and GONE as they come, up to an instant of the clock's `boottime`."""
        while True:
            rest = until - self._clock.boottime()
            if self._decoder.is_waiting:
                rest = min(rest, _SEQUENCE_MS)
            ready = self._wait(max(0, rest))
            yield from self._signals()
            if self._keys in ready:
                yield from self._read_keys(self._keys)
            elif self._decoder.is_waiting:
                yield from self._decoder.flush()
            if self._clock.boottime() >= until:
                return

    def _wait(self, millis: int) -> list[int]:
        watched = [self._woken] if self._keys is None else [self._woken, self._keys]
        ready = select.select(watched, (), (), millis / 1000)[0]
        if self._woken in ready:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._woken, 512):
                    pass
        return ready

    def _read_keys(self, keys: int | None) -> list[str]:
        assert keys is not None
        try:
            data = os.read(keys, 4096)
        except OSError:  # the terminal was closed
            data = b""
        return self._decoder.feed(data) if data else [GONE]

    def _signals(self) -> Iterator[str]:
        noted, self._noted = self._noted, set()
        if self._ended_by is not None:
            yield GONE
        if signal.SIGTSTP in noted:
            self._suspend()
        elif signal.SIGCONT in noted:  # after a stop that nobody can notice before it
            self._take()
        if noted:
            yield RESIZED

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number not in _ENDING:
            self._noted.add(number)
        elif self._ended_by is None:
            self._ended_by = number
        else:  # the first one was not enough: the terminal takes nothing, perhaps
            _die_of(number)

    def _suspend(self) -> None:
        """Give the terminal back to the shell, stop as everybody does, and take it again when told to go on."""
        self._leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._note)
        self._take()

    def _take(self) -> None:
        if self._keys is not None:
            if self._saved is None:
                self._saved = termios.tcgetattr(self._keys)
            tty.setcbreak(self._keys, termios.TCSANOW)
        self._say(_ENTER)

    def _leave(self) -> None:
        with contextlib.suppress(OSError):  # it may be closed: then there is nothing to give back
            self._say(_LEAVE)
        if self._keys is not None and self._saved is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._keys, termios.TCSAFLUSH, self._saved)  # type: ignore[arg-type]

    def _say(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _die_of(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
