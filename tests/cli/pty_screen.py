"""A verb with a terminal of its own, and what a person would see there: a small terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.operations.site import PATIENCE

ROOT = Path(__file__).parents[2]
_TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[^\[]|([\x00-\x1f])|([^\x00-\x1f\x1b]+)")


class Emulator:
    """Understands what `top` sends, and refuses everything else: an unknown sequence is a mistake somewhere."""

    def __init__(self, columns: int, lines: int) -> None:
        self.modes: set[str] = set()
        self.sgr: set[str] = set()
        self._rest = ""
        self.resize(columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._cells = [[" "] * columns for _ in range(lines)]
        self._row = self._column = 0

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self._cells)

    def feed(self, text: str) -> None:
        text = self._rest + text
        cut = text.rfind("\x1b")
        whole = cut < 0 or _TOKEN.match(text, cut) is not None
        text, self._rest = (text, "") if whole else (text[:cut], text[cut:])
        for token in _TOKEN.finditer(text):
            arguments, final, control, letters = token.groups()
            if letters:
                self._write(letters)
            elif final:
                self._control(arguments, final)
            elif control == "\r":
                self._column = 0
            elif control == "\n":
                self._row = min(self._row + 1, self.lines - 1)

    def _write(self, letters: str) -> None:
        for letter in letters:
            if self._row < self.lines and self._column < self.columns:
                self._cells[self._row][self._column] = letter
            self._column += 1

    def _control(self, arguments: str, final: str) -> None:
        if final == "H":
            row, _, column = arguments.partition(";")
            self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
        elif final == "J":
            self._cells = [[" "] * self.columns for _ in range(self.lines)]
        elif final in "hl":
            (self.modes.add if final == "h" else self.modes.discard)(arguments)
        elif final == "m":
            self.sgr.add(arguments)
        else:
            raise AssertionError(f"what is CSI {arguments}{final}?")


class Screen:
    """`jobctl` with these words on a terminal of this size. To be closed."""

    def __init__(
        self, command: Sequence[str], columns: int = 80, lines: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self._master, self.end = pty.openpty()
        self._emulator = Emulator(columns, lines)
        self.resize(columns, lines, told=False)
        self.modes_before = termios.tcgetattr(self.end)
        self.raw = ""
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environment or {})},
            stdin=self.end, stdout=self.end, stderr=self.end, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip

    @property
    def text(self) -> str:
        self._read_for(0)
        return self._emulator.text

    @property
    def modes(self) -> set[str]:
        """Private modes that are switched on: `?1049` is the other screen, `?25` the cursor."""
        self._read_for(0)
        return self._emulator.modes

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int, *, told: bool = True) -> None:
        if told:
            self._read_for(0)
            self._emulator.resize(columns, lines)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait_until(self, holds: Callable[[str], bool], what: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not holds(self.text):
            assert time.monotonic() < deadline, f"{what}: in vain\n{self.text}"
            if not self._read_for(0.2) and self.process.poll() is not None and not holds(self.text):
                raise AssertionError(f"{what}: it ended with {self.process.returncode}\n{self.raw[-2000:]}")
        return self.text

    def wait_for(self, text: str) -> str:
        return self.wait_until(lambda seen: text in seen, f"waited for {text!r}")

    def wait_for_the_end(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end\n{self.text}"
            self._read_for(0.05)
        self._read_for(0)
        return self.process.returncode

    def assert_restored(self) -> None:
        """The terminal is as it was: its modes, the screen, the cursor, no colours."""
        self._read_for(0)
        assert termios.tcgetattr(self.end)[:4] == self.modes_before[:4]
        assert "?1049" not in self.modes
        assert {"?25", "?7"} <= self.modes

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def _read_for(self, seconds: float) -> bool:
        found = False
        while select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return found
            if not data:
                return found
            text = data.decode("utf-8", "replace")
            self.raw += text
            self._emulator.feed(text)
            found, seconds = True, 0.0
        return found

    def hang_up(self) -> None:
        """The terminal goes away, as when its window is closed."""
        os.close(self._master)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        os.close(self._master)
        os.close(self.end)


def command(*words: str) -> list[str]:
    """The real command line in a process of its own."""
    return [sys.executable, "-P", "-m", "jobctl", *words]
