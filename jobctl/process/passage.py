"""The way of a command's output to whoever called `jobctl exec`, with a copy into its log.

The command writes into pipes of the same kind as its caller's would be, one for stdout and one for stderr (one for both
where they are the same file, so that their order is kept). They are read by a process of its own: `jobctl exec` may be
killed, and neither the command nor its log nor the reader behind it notices. A log alone, followed, would not do: it is
cut when it gets long, and what is piped onwards must not be.
"""

import _socket  # without the enums of `socket`, which take a while
import contextlib
import fcntl
import os
import select
import signal
from pathlib import Path
from typing import NamedTuple, NoReturn

from jobctl.process.copier import BEGIN, ENDED, Copier
from jobctl.process.link import Streams
from jobctl.process.standard_streams import open_standard_streams

_OUT_OF_THE_WAY = 10  # descriptors below are where a keeper finds its own
_DEAF_TO = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


class Copied(NamedTuple):
    """What has become of the output: bytes in the log, and the errno of what did not get into it or to the caller (0:
    all did; a reader who left is none)."""

    kept: int
    error: int
    refused: int


class Passage:
    """Pipes and their copier, which is a fork of this process: to be made before it has opened anything."""

    def __init__(self) -> None:
        """OSError when there are no descriptors or processes left."""
        open_standard_streams()
        readers, writers = _pipes(1 if _is_same_file(1, 2) else 2)
        self._writers = writers
        ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        with contextlib.closing(theirs):
            self._copier = os.fork()
            if self._copier == 0:
                ours.close()
                for writer in writers:
                    os.close(writer)
                _become_the_copier(theirs, dict(zip(readers, (1, 2), strict=False)))
        self._control = ours
        self._has_begun = False
        for reader in readers:
            os.close(reader)

    @property
    def streams(self) -> Streams:
        """What the keeper of the command is to have: the caller's own stdin, and the pipes."""
        return Streams(0, self._writers[0], self._writers[-1])

    def begin(self, log_path: str, max_log_size: int) -> None:
        """Copy from now on. The keeper has the streams already, so nobody here may write to them any more."""
        self._has_begun = True
        with contextlib.suppress(OSError):
            self._control.send(BEGIN + b"%d %s" % (max_log_size, os.fsencode(log_path)))
        self._close_writers()

    def finish(self, interrupt: int) -> Copied:
        """The command has ended: wait until what it wrote is passed on, or until `interrupt` is readable, since the
        reader may never take it."""
        with contextlib.suppress(OSError):
            self._control.send(ENDED)
            ready, _, _ = select.select([self._control.fileno(), interrupt], [], [])
            if self._control.fileno() in ready and (answer := self._control.recv(64)):
                kept, error, refused = answer.split()
                return Copied(int(kept), int(error), int(refused))
        return Copied(0, 0, 0)

    def close(self) -> None:
        """Let go of the copier: it ends when nobody can write any more. One that has nothing to copy ends now."""
        self._close_writers()
        self._control.close()
        if not self._has_begun:
            os.waitpid(self._copier, 0)  # the command may take the place of this process: it is not to have children

    def _close_writers(self) -> None:
        for writer in self._writers:
            os.close(writer)
        self._writers = []


def _become_the_copier(control: _socket.socket, targets: dict[int, int]) -> NoReturn:
    try:
        os.setsid()  # a terminal or `timeout` that signals the caller's group does not mean the copier
        for number in _DEAF_TO:
            signal.signal(number, signal.SIG_IGN)
        os.umask(0o077)
        os.close(0)
        with contextlib.suppress(OSError):
            Path("/proc/self/comm").write_bytes(b"jobctl-copier")
        Copier(control, targets).serve()
    finally:
        os._exit(0)


def _pipes(count: int) -> tuple[list[int], list[int]]:
    """Their reading and their writing ends."""
    readers: list[int] = []
    writers: list[int] = []
    for _ in range(count):
        for end, fd in zip((readers, writers), os.pipe(), strict=True):
            end.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY))
            os.close(fd)
    return readers, writers


def _is_same_file(first: int, second: int) -> bool:
    return os.path.sameopenfile(first, second)
