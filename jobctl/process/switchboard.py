"""All that wakes a pool, in one epoll: the sockets and processes of its keepers, the processes of those that it has
adopted, and a bell."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from typing import Any

from jobctl.process.adopted import Adopted
from jobctl.process.link import Link

_HEARD_AT_ONCE = 64  # what more there is wakes the daemon again
_SAYS_SOMETHING = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR


class Switchboard:
    """Knows who has something to say, and nothing of what that means."""

    def __init__(self) -> None:
        self._by_fd: dict[int, Link] = {}
        self._epoll = select.epoll()
        self.adopted = Adopted(self._epoll)
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._bell, select.EPOLLIN)

    def fileno(self) -> int:
        """A descriptor that is readable when somebody has something to say."""
        return self._epoll.fileno()

    def connect(self, link: Link) -> None:
        """Listen to a new keeper."""
        for fd in (link.fd, link.pidfd):
            self._by_fd[fd] = link
            self._epoll.register(fd, select.EPOLLIN)

    def link_of(self, fd: int) -> Link | None:
        """Whose socket or process that is; None where nobody listens to it any more."""
        return self._by_fd.get(fd)

    def heard(self) -> Iterator[tuple[int, int]]:
        """The descriptors at which something has happened, with what. Never waits."""
        for fd, events in self._epoll.poll(0, _HEARD_AT_ONCE):
            if fd == self._bell:
                os.eventfd_read(self._bell)
            else:
                yield fd, events

    def ring(self) -> None:
        """Wake whoever waits for `fileno`."""
        os.eventfd_write(self._bell, 1)

    def send(self, link: Link, message: bytes) -> None:
        """Send, or as soon as its socket takes it."""
        link.send(message)
        if link.outbox and link.fd != -1:  # who has closed its end is about to be reported as gone
            self._epoll.modify(link.fd, select.EPOLLIN | select.EPOLLOUT)

    def exchange(self, link: Link, events: int) -> list[tuple[Any, ...]] | None:
        """Send what is left over, and what the keeper says; None when it has closed its end."""
        if events & select.EPOLLOUT:
            link.flush()
            if not link.outbox:
                self._epoll.modify(link.fd, select.EPOLLIN)
        return link.receive() if events & _SAYS_SOMETHING else []

    def hang_up(self, link: Link) -> None:
        """Close the socket, if it is open."""
        if link.fd != -1:
            del self._by_fd[link.fd]
            self._epoll.unregister(link.fd)
            link.hang_up()

    def bury(self, link: Link) -> None:
        """The process has ended: it is a zombie no longer."""
        del self._by_fd[link.pidfd]
        self._epoll.unregister(link.pidfd)
        link.forget_process()
        os.waitpid(link.pid, 0)

    def close(self) -> None:
        """Listen to nobody any more."""
        self.adopted.close()
        os.close(self._bell)
        self._epoll.close()
