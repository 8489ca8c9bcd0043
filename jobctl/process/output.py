"""Reading the log of an attempt, while it is written or afterwards.

The keeper may have given the middle of a long log back to the disk (`log_file.py`). Such a hole reads as zeros; here
it is one line that says how many bytes are missing. All other bytes come out as the job wrote them.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path

from jobctl.errors import NotFound
from jobctl.presence import is_there

_PIECE = 1 << 16
_BLOCK = 4096  # holes begin and end where blocks do
_LOOK_AGAIN_AFTER = 0.1  # seconds, while following


def cut_line(count: int) -> bytes:
    """What stands in the place of `count` missing bytes."""
    return b"\n[jobctl: %d bytes cut here]\n" % count


class LogReader:
    """An open log and a position in it. Use as a context manager."""

    def __init__(self, path: Path, position: int = 0) -> None:
        """From `position` on. NotFound when the log was never written, was pruned, or was deleted by others."""
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotFound(f"the log {path} does not exist", "it was pruned, or deleted by somebody else") from None
        self._position = position

    @property
    def position(self) -> int:
        """Where the next bytes are read, from the beginning of the file."""
        return self._position

    def __enter__(self) -> LogReader:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._fd)

    def read(self) -> bytes:
        """The next bytes, 64 KiB at most; empty at the present end of the file, which may still grow."""
        while True:
            data = self._seek(self._position, os.SEEK_DATA)
            if data > self._position:
                if piece := self._not_yet_allocated():
                    return piece
                missing = data - self._position
                self._position = data
                return cut_line(missing)
            length = min(_PIECE, self._seek(self._position, os.SEEK_HOLE) - self._position)
            piece = os.pread(self._fd, length, self._position)
            if self._seek(self._position, os.SEEK_HOLE) < self._position + len(piece):
                continue  # the hole was made meanwhile and may have been read as zeros
            self._position += len(piece)
            return piece

    def _not_yet_allocated(self) -> bytes:
        """The rest of the block, where it is no hole: while a file grows, its newest blocks may be taken for holes."""
        piece = os.pread(self._fd, _BLOCK - self._position % _BLOCK, self._position)
        if not piece.strip(b"\0"):
            return b""
        self._position += len(piece)
        return piece

    def seek_tail(self, lines: int) -> None:
        """Go to the beginning of the last `lines` lines. A cut counts as one line."""
        self._position = os.fstat(self._fd).st_size
        if lines <= 0:
            return
        wanted = lines
        for number, (start, end) in enumerate(reversed(self._segments())):
            if number > 0:  # reading from the end of a range shows the cut behind it
                self._position = end
                wanted -= 1
            if wanted <= 0:
                return
            self._position, wanted = self._line_start(start, end, wanted)
            if wanted <= 0:
                return

    def skip_to_last(self, most: int) -> bool:
        """Go on so far that at most `most` bytes are left. False: no more were left anyway."""
        first = os.fstat(self._fd).st_size - most
        if first <= self._position:
            return False
        self._position = first
        return True

    def _segments(self) -> list[tuple[int, int]]:
        """The ranges that hold data."""
        size = os.fstat(self._fd).st_size
        segments = []
        position = 0
        while position < size:
            start = self._seek(position, os.SEEK_DATA)
            if start >= size:
                break
            position = min(self._seek(start, os.SEEK_HOLE), size)
            segments.append((start, position))
        return segments

    def _line_start(self, start: int, end: int, wanted: int) -> tuple[int, int]:
        """Where the last `wanted` lines of a range begin, and how many are still wanted if it holds fewer."""
        position = end
        while position > start:
            begin = max(start, position - _PIECE)
            piece = os.pread(self._fd, position - begin, begin)
            if position == end and piece.endswith(b"\n"):
                piece = piece[:-1]  # it ends the last line and begins none
            while (newline := piece.rfind(b"\n")) != -1:
                wanted -= 1
                if wanted <= 0:
                    return begin + newline + 1, 0
                piece = piece[:newline]
            position = begin
        return start, wanted - 1

    def _seek(self, position: int, whence: int) -> int:
        """lseek(2) with SEEK_DATA or SEEK_HOLE; past the end, or with nothing but a hole behind, the end itself."""
        try:
            return os.lseek(self._fd, position, whence)
        except OSError:
            return max(position, os.fstat(self._fd).st_size)


def read_all(path: Path, last_lines: int | None = None) -> Iterator[bytes]:
    """The log, or its last lines, piece by piece. NotFound."""
    with LogReader(path) as log:
        if last_lines is not None:
            log.seek_tail(last_lines)
        while piece := log.read():
            yield piece


def last_lines(path: Path, lines: int, most: int) -> bytes:
    """The last lines of the log, and of those no more than the last `most` bytes, from the beginning of a line where
    there is one. NotFound."""
    with LogReader(path) as log:
        log.seek_tail(lines)
        is_cut = log.skip_to_last(most)
        data = b""
        while piece := log.read():
            data += piece
    return data[data.find(b"\n") + 1 :] if is_cut else data


def follow(path: Path, has_ended: Callable[[], bool], last_lines: int | None = None) -> Iterator[bytes]:
    """The log from now on and as it grows, until `has_ended` and everything was handed out.

    A log that does not exist yet is waited for. NotFound when the run ended without one.
    """
    while not is_there(path) and not has_ended():
        _pause()
    with LogReader(path) as log:
        if last_lines is not None:
            log.seek_tail(last_lines)
        while True:
            final = has_ended()  # asked before reading: what was written before the end is still to come
            while piece := log.read():
                yield piece
            if final:
                return
            _pause()


def _pause() -> None:
    select.select((), (), (), _LOOK_AGAIN_AFTER)
