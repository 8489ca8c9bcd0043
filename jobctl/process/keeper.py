"""The keeper: a small program that owns one attempt at a time and outlives the daemon that started it.

It is started by the pool with a socket to the daemon as descriptor 3, executes what it is told, enforces the timeout,
reaps, and writes how the attempt ended before it says so. When the socket closes it finishes what it has and exits.
SIGTERM means: stop your job, record, exit; SIGQUIT the same without grace. Whether it lives is told by the lock on its
record file, nothing else.

Everything is imported here and nothing later: an upgrade may replace the files while a keeper lives. What it imports
is chosen for size; each running attempt has a keeper (5 MB).
"""

from __future__ import annotations

import os
import select
import sys
import time

from jobctl.process import control_group, identity, protocol, signals, syscalls
from jobctl.process.control_group import ControlGroup
from jobctl.process.record_file import RecordFile
from jobctl.process.supervision import Supervision

_ANNOUNCE_AFTER = 0.005  # seconds: of what ends sooner its end says all, one wake-up of the daemon less


class Keeper:
    """The loop: wait for a message, a signal or the next deadline; reap; advance; conclude."""

    def __init__(self, record: RecordFile, wakeup_fd: int, group: ControlGroup | None) -> None:
        self._record = record
        self._group = group
        self._wakeup_fd = wakeup_fd
        self._inbox = protocol.Inbox()
        self._poll = select.poll()
        self._poll.register(protocol.SOCKET_FD, select.POLLIN)
        self._poll.register(wakeup_fd, select.POLLIN)
        self._attempt: Supervision | None = None
        self._announce: float | None = None
        self._connected = True
        self._leaving = False

    def serve(self) -> None:
        """Until the daemon is gone or somebody says stop, and nothing is left to do."""
        while self._attempt is not None or not self._leaving:
            self._wait()
            if self._attempt is not None:
                self._attend(self._attempt)

    def _attend(self, attempt: Supervision) -> None:
        childless = self._reap(attempt)
        attempt.advance()
        if attempt.has_ended(childless=childless):
            end = attempt.conclude()
            self._attempt = None
            # Who leaves processes behind keeps no further attempt: their trees could not be told apart.
            self._leaving = self._leaving or not childless
            self._announce = None
            self._say(protocol.pack((protocol.ENDED, not childless, *end)))
        elif self._announce is not None and time.monotonic() >= self._announce:
            self._say(protocol.pack((protocol.STARTED, attempt.token, attempt.pid)))
            self._announce = None

    def _wait(self) -> None:
        for fd, _ in self._poll.poll(self._patience()):
            if fd == protocol.SOCKET_FD:
                self._listen()
            else:
                self._heed(os.read(self._wakeup_fd, 4096))

    def _heed(self, received: bytes) -> None:
        """`received` holds the numbers of the signals that came."""
        if signals.SIGTERM not in received and signals.SIGQUIT not in received:
            return
        self._leaving = True
        if self._attempt is not None:
            self._attempt.stop(signals.SIGKILL if signals.SIGQUIT in received else signals.SIGTERM)

    def _patience(self) -> float | None:
        """Milliseconds until something is due."""
        if self._attempt is None:
            return None
        wakes = [wake for wake in (self._attempt.next_wake(), self._announce) if wake is not None]
        return max(0.0, 1000 * (min(wakes) - time.monotonic())) if wakes else None

    def _listen(self) -> None:
        try:
            received = os.read(protocol.SOCKET_FD, 1 << 16)
        except OSError:
            received = b""
        if not received:
            self._poll.unregister(protocol.SOCKET_FD)
            self._connected = False
            self._leaving = True
            if self._attempt is not None:
                self._attempt.left_alone()
        for kind, *rest in self._inbox.feed(received):
            if kind == protocol.START and not self._leaving:
                self._begin(Supervision(rest[0], self._record, self._group))
            elif kind == protocol.STOP and self._attempt is not None:
                self._attempt.stop(*rest)
            elif kind == protocol.SIGNAL and self._attempt is not None:
                self._attempt.pass_on(*rest)

    def _begin(self, attempt: Supervision) -> None:
        self._attempt = attempt
        attempt.start()
        if attempt.pid:
            self._announce = time.monotonic() + _ANNOUNCE_AFTER

    def _reap(self, attempt: Supervision) -> bool:
        """Collect whoever ended; whether no child is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            attempt.note_exit(pid, status, usage)

    def _say(self, message: bytes) -> None:
        if not self._connected:
            return
        try:
            os.write(protocol.SOCKET_FD, message)
        except OSError:
            self._connected = False  # the record has it; `_listen` notices the same and leaves


def main() -> None:
    """`keeper GROUP DIRECTORY NAME`, with the socket as descriptor 3; GROUP is the control group that was delegated, or
    empty."""
    base, directory, name = sys.argv[-3:]
    os.set_inheritable(protocol.SOCKET_FD, False)
    os.closerange(protocol.SOCKET_FD + 1, 1 << 20)  # whatever the daemon's own parent left open
    wakeup_read, wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signals.take_over(wakeup_write)
    os.chdir("/")
    syscalls.become_subreaper()
    syscalls.set_process_name(b"jobctl-keeper")
    start_time = identity.start_time(os.getpid()) or 0
    record = RecordFile(directory, name, identity.boot_id(), start_time)
    group = _group(record, base, name)
    keeper = Keeper(record, wakeup_read, group)
    os.write(protocol.SOCKET_FD, protocol.pack((protocol.READY, protocol.VERSION, os.getpid(), start_time)))
    keeper.serve()
    if group is not None:
        group.remove()


def _group(record: RecordFile, base: str, name: str) -> ControlGroup | None:
    """The group of its jobs, which only a job makes; none where its path does not fit into the record."""
    if not base:
        return None
    group = control_group.of_keeper(base, name)
    try:
        record.write_group(group.path)
    except OSError:
        return None  # whoever comes after the keeper could not find it
    return group
