"""Copies what a command writes to whoever called it and into its log: a process of its own, see `passage.py`.

It lives until nobody can write any more, as a pipe's reader does. What the command has written when it ends is passed
on before its end is told; what it leaves behind may go on writing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

    from jobctl.process.log_file import LogFile

BEGIN, ENDED = b"begin", b"ended"  # what it is told, the former with the log's limit and path
_PIECE = 1 << 16
_PIECES_OF_A_PIPE = 16  # of the biggest that is to be had without privileges
_LOOKS_PER_LIMIT = 8  # how often the log is cut while as much is written as it may hold


class Copier:
    """From the reading ends of pipes to descriptors, and into one log in the order in which it comes."""

    def __init__(self, control: socket, targets: dict[int, int]) -> None:
        """`control` is of the type SOCK_SEQPACKET; `targets` are the caller's descriptors by those that are read."""
        self._control = control
        self._targets = targets
        self._poll = select.poll()
        self._log: LogFile | None = None
        self._limit = 0
        self._kept = 0  # bytes in the log
        self._unlooked = 0  # of them since it was last cut
        self._error = 0  # errno of what the log could not take
        self._refused = 0  # errno of what the caller's stdout or stderr could not take

    def serve(self) -> None:
        """Until all is copied. Nothing is read before BEGIN."""
        from jobctl.process.log_file import LogFile  # ctypes, which only this process needs, before there is a hurry

        word = self._control.recv(_PIECE)
        if not word.startswith(BEGIN):
            return  # whoever asked for it has run the command otherwise
        limit, _, path = word.removeprefix(BEGIN).partition(b" ")
        self._open_log(LogFile, path, int(limit))
        for source in self._targets:
            os.set_blocking(source, False)
            self._poll.register(source, select.POLLIN)
        self._poll.register(self._control, select.POLLIN)
        while self._targets or self._control.fileno() != -1:
            for fd, _ in self._poll.poll():
                if fd == self._control.fileno():
                    self._heed()
                elif fd in self._targets:
                    self._copy(fd)
        if self._log is not None:
            self._log.close()

    def _open_log(self, made: type[LogFile], path: bytes, limit: int) -> None:
        self._limit = limit
        try:
            self._log = made(path, limit, None)
            self._log.begin(time.monotonic())
        except OSError as error:
            self._log = None
            self._error = error.errno or 0

    def _heed(self) -> None:
        """The command has ended: pass on what it has left in the pipes, then say so. Or nobody is there to be told."""
        if self._control.recv(_PIECE) == ENDED:
            for source in list(self._targets):
                pieces = 0
                while source in self._targets and pieces < _PIECES_OF_A_PIPE and self._copy(source):
                    pieces += 1  # what the command leaves behind may write for ever
            with contextlib.suppress(OSError):
                self._control.send(b"%d %d %d" % (self._kept, self._error, self._refused))
        self._poll.unregister(self._control)
        self._control.close()

    def _copy(self, source: int) -> bool:
        """Pass one piece on; whether there was one."""
        try:
            data = os.read(source, _PIECE)
        except BlockingIOError:
            return False
        if data:
            self._keep(data)
            refused = _written(self._targets[source], data)
            if not refused:
                return True
            if refused != errno.EPIPE:  # a reader who leaves has all that he wants
                self._refused = refused
        # At the end of the file, or where nobody reads: then the command is to learn it as if it wrote there itself.
        self._poll.unregister(source)
        os.close(source)
        del self._targets[source]
        return bool(data)

    def _keep(self, data: bytes) -> None:
        if self._log is None:
            return
        try:
            kept = os.write(self._log.fd, data)
            self._kept += kept
            self._unlooked += kept
            if kept < len(data):
                self._error = self._error or errno.ENOSPC
            if self._unlooked * _LOOKS_PER_LIMIT >= self._limit:
                self._unlooked = 0
                self._log.look(time.monotonic())
        except OSError as error:
            self._error = error.errno or 0


def _written(target: int, data: bytes) -> int:
    """Write all of it, however long the reader takes. The errno when it cannot be written, else 0."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:  # the caller's descriptor does not block, and that is the caller's affair
            select.select([], [target], [])
        except OSError as error:
            return error.errno or errno.EIO
    return 0
