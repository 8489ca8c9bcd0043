"""What the service manager is told (sd_notify(3)) and when the watchdog is fed. Nothing where there is none."""

from __future__ import annotations

import contextlib
import os
import socket
import time

_NO_PATIENCE = 0.0  # with a manager that does not read: what waits for it says the same, and so will what follows
_PATIENCE_WHEN_READY_SECONDS = 10.0  # nothing else says that a start or a reload is done


class ServiceManager:
    """The datagram socket of `Type=notify` services. Without NOTIFY_SOCKET every call does nothing.

    A manager that has stopped reading does not stop the daemon: what it does not take in time is not said.
    """

    def __init__(self) -> None:
        address = os.environ.pop("NOTIFY_SOCKET", "")  # jobs must not speak for the daemon
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_interval_ms = _watchdog_interval_ms()

    def ready(self, status: str) -> None:
        self._send(f"READY=1\nSTATUS={status}", _PATIENCE_WHEN_READY_SECONDS)

    def reloading(self) -> None:
        """Must be followed by `ready`."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, status: str) -> None:
        self._send(f"STATUS={status}")

    def stopping(self, status: str) -> None:
        self._send(f"STOPPING=1\nSTATUS={status}")

    def feed_watchdog(self) -> None:
        self._send("WATCHDOG=1")

    def _send(self, message: str, patience: float = _NO_PATIENCE) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker,
        ):
            speaker.settimeout(patience)
            speaker.sendto(message.encode(), self._address)


def _watchdog_interval_ms() -> int | None:
    """Half of what the manager allows, as sd_watchdog_enabled(3) recommends; None when it does not watch."""
    microseconds = os.environ.pop("WATCHDOG_USEC", "")
    pid = os.environ.pop("WATCHDOG_PID", "")
    if not microseconds.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return max(100, int(microseconds) // 2000)
