"""Keepers of a daemon that is gone: nobody is connected to them, and only their exit tells of the attempt's end."""

from __future__ import annotations

import os
import select
import signal as signals

from jobctl.process import identity, tree
from jobctl.process.record import Header


class Adopted:
    """Watched by pidfd, in the epoll of whoever owns them."""

    def __init__(self, epoll: select.epoll) -> None:
        self._epoll = epoll
        self._attempts: dict[int, tuple[str, bytes]] = {}  # keeper and token of its attempt, by pidfd

    def __contains__(self, pidfd: int) -> bool:
        return pidfd in self._attempts

    def watch(self, keeper: str, token: bytes, header: Header | None) -> bool:
        """From now on its pidfd is readable when it exits. False: there is no process that the header speaks of."""
        if header is None or header.boot_id != identity.boot_id():
            return False
        try:
            pidfd = os.pidfd_open(header.pid)
        except OSError:
            return False
        if not identity.is_same(header.pid, header.start_time):
            os.close(pidfd)
            return False
        self._attempts[pidfd] = (keeper, token)
        self._epoll.register(pidfd, select.EPOLLIN)
        return True

    def gone(self, pidfd: int) -> tuple[str, bytes]:
        """The keeper that has exited, watched no longer, and the token of its attempt."""
        self._epoll.unregister(pidfd)
        os.close(pidfd)
        return self._attempts.pop(pidfd)

    def close(self) -> None:
        """Look away from all of them; they go on."""
        for pidfd in self._attempts:
            os.close(pidfd)


def stop_adopted(header: Header | None, signal: int) -> bool:
    """Ask one of them to stop its job and to leave: with the attempt's own grace, or with SIGKILL at once. False: it is
    gone, or its record does not say who it is."""
    if header is None or header.boot_id != identity.boot_id():
        return False
    number = signals.SIGQUIT if signal == signals.SIGKILL else signals.SIGTERM
    return tree.signal_process(header.pid, header.start_time, number)
