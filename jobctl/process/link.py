"""One keeper, seen from the pool: its process, its socket and what it is doing."""

import _socket  # without the enums of `socket`, which take a while
import enum
import os
import select
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from jobctl.errors import CannotStart
from jobctl.process import protocol

_AT_ONCE = 4096  # bytes of what a keeper says: an end has two hundred, and room for much more is not cheap to get
_ROOT = str(Path(__file__).resolve().parents[2])
# Appended to the path, not put in front: what is installed beside jobctl must not hide the standard library.
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from jobctl.process.keeper import main; main()"
# All that a keeper gets of the daemon's environment: what tests kill it or set its clock with, and the interpreter's
# libraries.
_INHERITED = ("JOBCTL_FAILPOINT", "JOBCTL_ALLOW_FAILPOINTS", "LD_", "FAKETIME")


class Streams(NamedTuple):
    """Descriptors that a keeper gets as its stdin, stdout and stderr; those that are no standard streams are above
    SOCKET_FD."""

    stdin: int
    stdout: int
    stderr: int


class State(enum.Enum):
    """What a keeper is doing, as far as the pool knows."""

    STARTING = "starting"  # not yet ready
    IDLE = "idle"
    RESERVED = "reserved"
    BUSY = "busy"
    ENDED = "ended"  # its last attempt's end was reported and waits for `settled`


class Link:
    """A keeper process and the daemon's end of its socket. `fd` and `pidfd` are -1 once closed."""

    def __init__(self, name: str, pid: int, pidfd: int, fd: int) -> None:
        self.name = name
        self.pid = pid
        self.pidfd = pidfd
        self.fd = fd
        self.state = State.STARTING
        self.token: bytes | None = None
        self.starting_since: int | None = None
        self.idle_since: int | None = None
        self.usable = True  # False: takes no further attempt
        self.outbox = b""
        self._inbox = protocol.Inbox()

    @property
    def alive(self) -> bool:
        """Whether its process has not been seen to end."""
        return self.pidfd != -1

    def send(self, message: bytes) -> None:
        """Send, or keep for `flush` what the socket does not take now. A dead keeper is noticed by its pidfd."""
        self.outbox += message
        self.flush()

    def flush(self) -> None:
        """Send what is left over."""
        try:
            while self.outbox and self.fd != -1:
                self.outbox = self.outbox[os.write(self.fd, self.outbox) :]
        except BlockingIOError:
            return
        except OSError:
            self.outbox = b""

    def receive(self) -> list[tuple[Any, ...]] | None:
        """The messages that are complete; None when the keeper has closed its end."""
        try:
            received = os.read(self.fd, _AT_ONCE)
        except BlockingIOError:
            return []
        except OSError:
            return None
        return self._inbox.feed(received) if received else None

    def hang_up(self) -> None:
        """Close the socket: an idle keeper exits, a busy one finishes first."""
        if self.fd != -1:
            os.close(self.fd)
            self.fd = -1

    def forget_process(self) -> None:
        """Close the pidfd."""
        if self.pidfd != -1:
            os.close(self.pidfd)
            self.pidfd = -1


def spawn(directory: Path, name: str, control_group: str | None = None, streams: Streams | None = None) -> Link:
    """Start a keeper; it says READY when its record stands. CannotStart when the machine refuses. `control_group`: the
    delegated one, below which its jobs get one. `streams`: /dev/null where there are none.

    `posix_spawn` and not Popen: it never copies the daemon's page tables, whatever its size, and leaves no object
    that minds being forgotten when the daemon exits before its keepers.
    """
    argv = [sys.executable, "-I", "-S", "-c", _PROGRAM, _ROOT, control_group or "", str(directory), name]
    env = {key: value for key, value in os.environ.items() if key.startswith(_INHERITED)}
    try:
        ours, theirs = _socket.socketpair()
    except OSError as error:
        raise _cannot_start(error) from None
    with closing(ours), closing(theirs):
        files = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), protocol.SOCKET_FD), *_standard(streams)]
        ours.setblocking(False)
        try:
            pid = os.posix_spawn(sys.executable, argv, env, file_actions=files, setsid=True, setsigmask=())
        except OSError as error:
            raise _cannot_start(error) from None
        try:
            pidfd = os.pidfd_open(pid)
        except OSError as error:
            theirs.close()
            ours.close()  # it finds its socket closed and exits
            os.waitpid(pid, 0)
            raise _cannot_start(error) from None
        return Link(name, pid, pidfd, ours.detach())


def see_off(links: list[Link], patience_ms: int) -> None:
    """Wait until the processes are gone, or for so long none of them goes."""
    leaving = select.poll()
    there = {link.pidfd: link.pid for link in links if link.alive}
    for pidfd in there:
        leaving.register(pidfd, select.POLLIN)
    while there and (gone := leaving.poll(patience_ms)):
        for pidfd, _ in gone:
            leaving.unregister(pidfd)
            os.waitpid(there.pop(pidfd), 0)  # who becomes another program is to have no children that it does not know


def _standard(streams: Streams | None) -> list[tuple[Any, ...]]:
    if streams is None:
        return [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
    sources = (streams.stdin, streams.stdout, streams.stderr)
    return [(os.POSIX_SPAWN_DUP2, source, target) for target, source in enumerate(sources)]


def _cannot_start(error: OSError) -> CannotStart:
    return CannotStart(
        f"no keeper process can be started: {error.strerror}",
        "raise the limits on processes and open files of the daemon, or lower max_concurrent",
    )
