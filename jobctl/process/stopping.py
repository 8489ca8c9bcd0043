"""Politely, then firmly, the whole tree: how the keeper stops what it has started."""

from __future__ import annotations

import os
import time

from jobctl.process import signals, tree
from jobctl.process.control_group import ControlGroup

_FIRST_KILL_PAUSE, _LONGEST_KILL_PAUSE = 0.01, 1.0  # seconds between two rounds of SIGKILL
_GIVE_UP_AFTER = (
    10  # rounds: descendants that SIGKILL does not end hang in the kernel, and the run's end waits no longer
)


class Stopping:
    """The stop of everything below this process, once it is asked for. Instants are seconds of the monotonic clock."""

    def __init__(self, group: ControlGroup | None) -> None:
        self._group = group
        self.next_at: float | None = None  # when to send the (next) SIGKILL
        self._rounds = 0

    @property
    def is_begun(self) -> bool:
        """Whether somebody has asked for it."""
        return self.next_at is not None

    @property
    def is_in_vain(self) -> bool:
        """Whether what is left is not waited for any longer."""
        return self._rounds >= _GIVE_UP_AFTER

    def begin(self, number: int, grace: float) -> None:
        """The signal now, SIGKILL after `grace` seconds; asking again never postpones that."""
        now = time.monotonic()
        if number != signals.SIGKILL:
            tree.signal_descendants(os.getpid(), number)
            if self._group is not None:
                self._group.signal(number, tree.descendants(os.getpid()))
        kill = now if number == signals.SIGKILL else now + grace
        self.next_at = kill if self.next_at is None else min(self.next_at, kill)

    def advance(self, now: float) -> None:
        """Kill, if it is time for that."""
        if self.next_at is None or now < self.next_at:
            return
        self._rounds += 1
        if self._group is not None:
            self._group.signal(signals.SIGKILL)
        tree.kill_descendants(os.getpid())
        self.next_at = now + min(_FIRST_KILL_PAUSE * 2.0 ** min(self._rounds, 10), _LONGEST_KILL_PAUSE)
