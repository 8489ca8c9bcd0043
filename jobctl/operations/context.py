"""What every operation needs, gathered once: places, store, clock. `wiring` makes it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.clock import Clock
from jobctl.config.places import Places
from jobctl.errors import JobctlError
from jobctl.instance_lock import daemon_pid

if TYPE_CHECKING:
    from jobctl.store.interface import Store


class Context:
    """The surroundings of one call. The store is opened when first asked for."""

    def __init__(
        self,
        places: Places,
        clock: Clock,
        open_store: Callable[[], Store],
        *,
        store_is_made: Callable[[], bool] = lambda: False,
        only_file_named: bool = False,
        named_state_dir: Path | None = None,
    ) -> None:
        """`store_is_made`: whether it is known, without opening it, that there is one.
        `only_file_named`: somebody named the jobs file and left the state directory to be found.
        `named_state_dir`: what somebody named, where `places` has an empty directory in its stead."""
        self.places = places
        self.only_file_named = only_file_named
        self.told_state_dir = named_state_dir or places.state_dir
        self.clock = clock
        self.store_is_made = store_is_made
        self.start_awaited_until: int | None = None  # by boottime, as `starting_daemon` keeps it; None: no wait yet
        self._open_store = open_store
        self._store: Store | None = None
        self._rang = False

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    @property
    def daemon_pid(self) -> int | None:
        """The living daemon, asked anew each time."""
        return daemon_pid(self.places.daemon_lock)

    def ring(self) -> None:
        """Tell the daemon to look into the store."""
        from jobctl.doorbell import ring  # sockets, which verbs that only look do not need

        ring(self.places.doorbell)
        self._rang = True

    def close(self) -> None:
        if self._store is None:
            return
        try:
            if self._rang and self.daemon_pid is None:
                self._show_recent(self._store)
        finally:
            self._store.close()
            self._store = None

    def _show_recent(self, store: Store) -> None:
        """What a daemon does after changes, for the shells to complete run ids from."""
        from jobctl.signpost import RECENT_RUNS, put_up_recent  # only where something was changed without a daemon

        with suppress(JobctlError):
            put_up_recent(self.places.state_dir, store.runs.to_name(RECENT_RUNS))


def actor() -> str:
    """Who acts, for the audit trail: the user of this process, or the person behind sudo where that is root."""
    user = os.getuid()
    if user == 0 and (behind := os.environ.get("SUDO_USER")):
        return behind
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a container may run as a user that it has no entry for
        return f"uid {user}"
