"""The keepers of a pool from their start to their end, whatever they are told in between: started side by side, kept
warm, let go after a minute without work."""

from __future__ import annotations

import os

from jobctl.errors import CannotStart
from jobctl.process.host import is_full
from jobctl.process.keeper_files import KeeperFiles
from jobctl.process.link import Link, State, Streams, see_off, spawn
from jobctl.process.switchboard import Switchboard

READY_WITHIN_MS = 10_000
_IDLE_FOR_MS = 60_000
_STARTING_AT_ONCE = 1 + (os.cpu_count() or 1)  # more would only get ready later, all of them


class Crew:
    """Who is there, and who is ready."""

    def __init__(self, files: KeeperFiles, board: Switchboard, warm_reserve: int, streams: Streams | None) -> None:
        """As for Pool."""
        self._files = files
        self._board = board
        self._warm_reserve = warm_reserve
        self._streams = streams
        self.links: dict[str, Link] = {}
        self.idle: list[str] = []  # the last used at the end, so that the others get old
        self._stillborn = False  # a keeper ended before it was ready, and nobody has been told

    @property
    def prepared(self) -> int:
        """How many keepers are ready or getting ready."""
        return len(self.idle) + len(self.starting())

    def starting(self) -> list[Link]:
        """Those that are not yet ready."""
        return [link for link in self.links.values() if link.state is State.STARTING and link.fd != -1]

    def warm(self, wanted: int, now: int) -> None:
        """See `Pool.warm`."""
        starting = self.starting()
        for link in starting:
            link.starting_since = now if link.starting_since is None else link.starting_since
            if now - link.starting_since >= READY_WITHIN_MS:
                self.discard(link)
                raise self.not_ready()
        if self._stillborn:
            self._stillborn = False
            raise self.not_ready()
        for _ in range(min(wanted - self.prepared, _STARTING_AT_ONCE - len(starting))):
            self.spawn()

    def spawn(self) -> Link:
        """Start one more. CannotStart."""
        link = spawn(self._files.directory, os.urandom(8).hex(), self._files.control_group, self._streams)
        self.links[link.name] = link
        self._board.connect(link)
        return link

    def not_ready(self) -> CannotStart:
        """What is said of one that did not get ready."""
        why = f": the disk of {self._files.directory} is full" if is_full(self._files.directory) else ""
        return CannotStart(
            f"a keeper process did not get ready{why}",
            f"see whether {self._files.directory} can be written, its disk has space and the machine is not overloaded",
        )

    def take_idle(self) -> Link | None:
        """One that may take an attempt, the last that did; None when there is none."""
        return self.links[self.idle.pop()] if self.idle else None

    def make_idle(self, link: Link) -> None:
        """It may take an attempt."""
        link.token = None
        link.state = State.IDLE
        if link.fd != -1:  # else it is on its way out
            self.idle.append(link.name)

    def reject(self, link: Link) -> None:
        """It is none that this pool can talk to."""
        self.discard(link)
        self._stillborn = True

    def discard(self, link: Link) -> None:
        """It takes no attempt any more."""
        link.usable = False
        self.hang_up(link)

    def hang_up(self, link: Link) -> None:
        """An idle one exits, a busy one finishes first."""
        self._board.hang_up(link)
        if link.name in self.idle:
            self.idle.remove(link.name)

    def retire_idle(self, now: int) -> int | None:
        """See `Pool.retire_idle`."""
        if len(self.idle) <= self._warm_reserve:
            return None
        for name in self.idle:
            link = self.links[name]
            link.idle_since = min(now, now if link.idle_since is None else link.idle_since)  # the clock may be set back
        surplus = self.idle[: max(0, len(self.idle) - self._warm_reserve)]
        kept = [name for name in surplus if not self._retire_if_old(self.links[name], now)]
        return min(((self.links[name].idle_since or now) + _IDLE_FOR_MS for name in kept), default=None)

    def _retire_if_old(self, link: Link, now: int) -> bool:
        if now - (link.idle_since or now) < _IDLE_FOR_MS:
            return False
        self.hang_up(link)
        return True

    def has_left(self, link: Link) -> None:
        """The process of one without an attempt has ended."""
        self._stillborn = self._stillborn or (link.state is State.STARTING and link.usable)
        del self.links[link.name]
        self._files.remove(link.name)
        self._files.remove_what_is_there(link.name)

    def close(self, patience_ms: int) -> None:
        """See `Pool.close`."""
        for name in self.idle:
            self._files.remove_record(name)
        for link in self.links.values():
            link.hang_up()
        if patience_ms:
            see_off([link for link in self.links.values() if link.state in (State.IDLE, State.STARTING)], patience_ms)
            for link in self.links.values():
                if link.state is State.STARTING:  # no attempt was ever promised to it
                    self._files.remove_what_is_there(link.name)
        for link in self.links.values():
            link.forget_process()
