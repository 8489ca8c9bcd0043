"""A running attempt's log, seen from the keeper: made, measured, and cut in the middle when it outgrows its limit.

The job writes to the file itself, so nothing can break or slow it down. The keeper gives the middle back to the
disk (head and tail stay, the size and all offsets stay true); where holes cannot be punched, it cuts back to the head.
The size is looked at often while the file grows fast and twice a second while it does not: one fstat.
"""

# ruff: noqa: PTH103, PTH120
# Keepers import this file, and pathlib is too heavy for them.

from __future__ import annotations

import errno
import os

from jobctl.process import syscalls

_BLOCK = 4096
_SHORTEST_LOOK, _LONGEST_LOOK = 0.002, 0.5  # seconds
_FIRST_LOOK = 0.02
_CUT_TEXT = b"\n[jobctl: %d bytes cut here]\n"


class LogFile:
    """The open log of one attempt."""

    def __init__(self, path: bytes, limit: int, owner: tuple[int, int] | None) -> None:
        """Open for appending, making file (0600) and folder (0700) if need be. OSError.

        `owner`: the job's user, who must be able to reopen it as /dev/stdout.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self.fd = os.open(path, flags, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            self.fd = os.open(path, flags, 0o600)
        if owner is not None:
            try:
                os.fchown(self.fd, *owner)
            except OSError:
                os.close(self.fd)  # the keeper lives on
                raise
        # Whole blocks on both sides: holes have block borders.
        self._head = max(_BLOCK, limit // 2 // _BLOCK * _BLOCK)
        self._tail = max(_BLOCK, limit - self._head)
        self._hole_end = self._head
        self._lost = 0  # bytes that truncation took
        self._mark_length = 0  # bytes of the text that says so
        self._size = 0
        self._looked_at = 0.0
        self._interval = _FIRST_LOOK

    def look(self, now: float) -> float:
        """Measure and cut; the instant (monotonic seconds) of the next look."""
        size = os.fstat(self.fd).st_size
        grown, passed = size - self._size, now - self._looked_at
        self._cut(size)
        if grown > 0 and passed > 0:
            # Soon enough that no more than a quarter of the limit is written in between.
            wanted = passed * (self._head + self._tail) / 4 / grown
            self._interval = min(max(wanted, _SHORTEST_LOOK), self._interval * 2, _LONGEST_LOOK)
        else:
            self._interval = min(self._interval * 2, _LONGEST_LOOK)
        self._looked_at = now
        return now + self._interval

    def begin(self, now: float) -> float:
        """The job starts now; the instant of the first look."""
        self._size = os.fstat(self.fd).st_size
        self._looked_at = now
        return now + self._interval

    def last_words(self) -> bytes:
        """The last 4 KB. OSError."""
        size = os.fstat(self.fd).st_size
        return os.pread(self.fd, _BLOCK, max(0, size - _BLOCK))

    def close(self) -> int:
        """Cut for the last time and close; how many bytes the file held in all, cut ones included."""
        try:
            size = os.fstat(self.fd).st_size
            self._cut(size)
            return size + self._lost - self._mark_length
        finally:
            os.close(self.fd)

    def _cut(self, size: int) -> None:
        self._size = size
        end = (size - self._tail) // _BLOCK * _BLOCK
        if end <= self._hole_end:
            return
        try:
            syscalls.punch_hole(self.fd, self._hole_end, end - self._hole_end)
            self._hole_end = end
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
                self._keep_the_head(size)

    def _keep_the_head(self, size: int) -> None:
        try:
            os.ftruncate(self.fd, self._head)
            self._lost += size - self._head - self._mark_length
            self._mark_length = os.write(self.fd, _CUT_TEXT % self._lost)
            self._size = self._head + self._mark_length
        except OSError:
            return  # a full or read-only disk: the next look tries again
