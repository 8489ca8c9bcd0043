"""The daemon's keepers: started on demand, kept warm, told what to do, listened to, retired.

The order of an attempt: `take` → the daemon commits the attempt with the keeper's name → `start` → `receive` says
Started, then Ended, NotStarted or Died → the daemon commits that → `settled`. Only then may the keeper overwrite its
record with the next attempt, and only then is the record of a keeper that is gone removed.
"""

from __future__ import annotations

import os
import select
import signal as signals
from pathlib import Path
from typing import Any

from jobctl.errors import CannotStart
from jobctl.process import identity, protocol, record, tree
from jobctl.process.keeper_files import KeeperFiles
from jobctl.process.link import Link, State, Streams, see_off, spawn
from jobctl.process.reports import Died, KeeperReport, Started, ended, last_word
from jobctl.process.spec import AttemptSpec
from jobctl.process.switchboard import Switchboard

_READY_WITHIN_MS = 10_000
_IDLE_FOR_MS = 60_000
_STARTING_AT_ONCE = 1 + (os.cpu_count() or 1)  # more would only get ready later, all of them


class Pool:
    """All keepers of one daemon. Not thread-safe. Only `reserve` waits, for callers with nothing else to do."""

    def __init__(
        self,
        keepers_dir: Path,
        *,
        warm_reserve: int = 1,
        control_group: str | None = None,
        streams: Streams | None = None,
    ) -> None:
        """`keepers_dir` is made when missing. `warm_reserve` idle keepers are never retired. `control_group`: the path
        of a delegated one, below which jobs get groups of their own. `streams`: what keepers have, and leave to jobs
        without a log."""
        self._files = KeeperFiles(keepers_dir, control_group)
        self._streams = streams
        self._warm_reserve = warm_reserve
        self._links: dict[str, Link] = {}
        self._offered: list[str] = []  # ended, their ends about to be committed
        self._lent: set[str] = set()  # offered and reserved
        self._idle: list[str] = []  # the last used at the end, so that the others get old
        self._board = Switchboard()
        self._overdue: list[KeeperReport] = []  # known without a descriptor becoming readable
        self._stillborn = False  # a keeper ended before it was ready, and nobody has been told

    def fileno(self) -> int:
        """A descriptor that is readable when `receive` has something to do."""
        return self._board.fileno()

    @property
    def control_group(self) -> str | None:
        """The delegated one, where there is one."""
        return self._files.control_group

    @property
    def prepared(self) -> int:
        """How many keepers are ready or getting ready."""
        return len(self._idle) + len(self._starting())

    @property
    def has_ready(self) -> bool:
        """Whether `take` may have one to give."""
        return bool(self._idle or self._offered)

    def warm(self, wanted: int, now: int) -> None:
        """Get so many keepers ready, side by side, a few at a time: each that is ready shows in `receive`, and the next
        call starts what is still missing. CannotStart when the machine refuses one, or one did not get ready."""
        starting = self._starting()
        for link in starting:
            link.starting_since = now if link.starting_since is None else link.starting_since
            if now - link.starting_since >= _READY_WITHIN_MS:
                self._discard(link)
                raise self._not_ready()
        if self._stillborn:
            self._stillborn = False
            raise self._not_ready()
        for _ in range(min(wanted - self.prepared, _STARTING_AT_ONCE - len(starting))):
            self._spawn()

    def take(self) -> str | None:
        """The name of a keeper that is ready and now taken; None when there is none."""
        link = self._take_offered()
        if link is None:
            if not self._idle:
                return None
            link = self._links[self._idle.pop()]
        link.state = State.RESERVED
        link.idle_since = None
        return link.name

    def reserve(self) -> str:
        """`take`, which waits for a new keeper when none is ready (20 ms). CannotStart."""
        while (keeper := self.take()) is None:
            self._await_ready(next(reversed(self._starting()), None) or self._spawn())
        return keeper

    def release(self, keeper: str) -> None:
        """Give back a reservation that was not used."""
        link = self._links[keeper]
        if keeper in self._lent:
            self._lent.discard(keeper)
            link.state = State.ENDED
        elif link.alive and link.state is State.RESERVED:
            self._make_idle(link)
        elif not link.alive:
            self.settled(keeper)

    def start(self, keeper: str, spec: AttemptSpec) -> None:
        """Send the attempt. That the keeper is dead or dies shows up in `receive`. UnicodeEncodeError for text that
        the locale of this process has no bytes for."""
        message = spec.to_message()  # what cannot be put into bytes raises here, and the keeper stays reserved
        link = self._links[keeper]
        link.state = State.BUSY
        link.token = spec.token
        if link.alive:
            self._board.send(link, message)
        else:
            self._report_later(Died(keeper, spec.token))

    def stop(self, keeper: str, signal: int, grace: float) -> bool:
        """Signal the whole tree of the running attempt now, SIGKILL after `grace` seconds; SIGKILL kills at once.

        An adopted keeper has no socket: it gets SIGTERM and applies the attempt's own grace. False: it cannot be
        told, being gone, or of a damaged record that does not say who it is.
        """
        link = self._links.get(keeper)
        if link is not None and link.fd != -1:
            if link.state is State.BUSY:
                self._board.send(link, protocol.pack((protocol.STOP, int(signal), grace)))
            return True
        header = self._files.record_of(keeper).header
        if header is None or header.boot_id != identity.boot_id():
            return False
        number = signals.SIGQUIT if signal == signals.SIGKILL else signals.SIGTERM
        return tree.signal_process(header.pid, header.start_time, number)

    def pass_on(self, keeper: str, signal: int) -> None:
        """Send a signal to the running attempt's process group, whatever it makes of it."""
        link = self._links.get(keeper)
        if link is not None and link.fd != -1 and link.state is State.BUSY:
            self._board.send(link, protocol.pack((protocol.SIGNAL, int(signal))))

    def receive(self, now: int) -> list[KeeperReport]:
        """What happened since the last call. Never blocks. `now` in milliseconds."""
        reports: list[KeeperReport] = []
        for fd, events in self._board.heard():
            if fd in self._board.adopted:
                reports.append(self._last_word(*self._board.adopted.gone(fd)))
            elif (link := self._board.link_of(fd)) is not None:
                if fd == link.pidfd:
                    reports += self._is_gone(link)
                else:
                    reports += self._exchange(link, events)
        reports += self._overdue
        self._overdue.clear()
        return reports

    def offer(self, keeper: str) -> None:
        """What the keeper reported is part of the transaction now being written: `take` may name it for a claim in
        the same transaction, so that one commit ends an attempt and begins the next. `settled` follows the commit;
        when there is none, `retract` and `release` take it back, and the record is as it was."""
        link = self._links.get(keeper)
        if link is not None and link.state is State.ENDED:
            self._offered.append(keeper)

    def retract(self) -> None:
        """The transaction was undone: nothing that was offered may be taken."""
        self._offered.clear()

    def settled(self, keeper: str) -> None:
        """What the keeper reported is committed: it may take the next attempt; if it is gone, so goes its record."""
        if keeper in self._lent:
            self._lent.discard(keeper)
            return
        if keeper in self._offered:
            self._offered.remove(keeper)
        link = self._links.get(keeper)
        if link is not None and link.alive and link.usable:
            if link.state is State.ENDED:
                self._make_idle(link)
            return
        if link is not None and link.alive:
            link.state = State.IDLE  # on its way out; `_is_gone` removes the record
        else:
            self._links.pop(keeper, None)
            self._files.remove(keeper)

    def adopt(self, keeper: str, token: bytes) -> None:
        """Watch a keeper of a daemon that is gone. The end of the attempt, or its death, is reported when it exits, and
        now once more what runs: the daemon may have died before it wrote that down.

        Its record may speak of the attempt before: then it died, or left, without having heard of this one. A keeper
        that lives and cannot be found by its record is reported as Died: its lock tells that it has not.
        """
        found = self._files.record_of(keeper)
        if not self._board.adopted.watch(keeper, token, found.header):
            self._report_later(self._last_word(keeper, token))
        elif found.job is not None and found.job.token == token:
            self._report_later(Started(token, found.job.pid, keeper))

    def retire_idle(self, now: int) -> int | None:
        """Let go of keepers that were idle for a minute, but for the warm reserve; the instant of the next call."""
        if len(self._idle) <= self._warm_reserve:
            return None
        for name in self._idle:
            link = self._links[name]
            link.idle_since = min(now, now if link.idle_since is None else link.idle_since)  # the clock may be set back
        surplus = self._idle[: max(0, len(self._idle) - self._warm_reserve)]
        kept = [name for name in surplus if not self._retire_if_old(self._links[name], now)]
        return min(((self._links[name].idle_since or now) + _IDLE_FOR_MS for name in kept), default=None)

    def close(self, patience_ms: int = 0) -> None:
        """Hang up on every keeper: idle ones exit, busy ones finish and record first. Nothing is stopped.

        `patience_ms`: how long those without an attempt are waited for, each time that one has gone: a service manager
        takes who is still there after its service for a mistake, and says so.
        """
        for name in self._idle:
            self._files.remove_record(name)
        for link in self._links.values():
            link.hang_up()
        if patience_ms:
            see_off([link for link in self._links.values() if link.state in (State.IDLE, State.STARTING)], patience_ms)
            for link in self._links.values():
                if link.state is State.STARTING:  # no attempt was ever promised to it
                    self._files.remove_what_is_there(link.name)
        for link in self._links.values():
            link.forget_process()
        self._board.close()

    # Starting and retiring

    def _spawn(self) -> Link:
        link = spawn(self._files.directory, os.urandom(8).hex(), self._files.control_group, self._streams)
        self._links[link.name] = link
        self._board.connect(link)
        return link

    def _starting(self) -> list[Link]:
        return [link for link in self._links.values() if link.state is State.STARTING and link.fd != -1]

    def _await_ready(self, link: Link) -> None:
        poll = select.poll()
        poll.register(link.fd, select.POLLIN)
        while link.state is State.STARTING and link.fd != -1 and poll.poll(_READY_WITHIN_MS):
            self._overdue += self._exchange(link, select.EPOLLIN)
        if link.state is State.STARTING:
            self._discard(link)
            raise self._not_ready()

    def _not_ready(self) -> CannotStart:
        return CannotStart(
            "a keeper process did not get ready",
            f"see whether {self._files.directory} can be written, its disk has space and the machine is not overloaded",
        )

    def _take_offered(self) -> Link | None:
        while self._offered:
            link = self._links.get(self._offered.pop())
            if link is not None and link.alive and link.usable and link.fd != -1:
                self._lent.add(link.name)
                return link
        return None

    def _make_idle(self, link: Link) -> None:
        link.token = None
        link.state = State.IDLE
        if link.fd != -1:  # else it is on its way out
            self._idle.append(link.name)

    def _retire_if_old(self, link: Link, now: int) -> bool:
        if now - (link.idle_since or now) < _IDLE_FOR_MS:
            return False
        self._hang_up(link)
        return True

    def _discard(self, link: Link) -> None:
        link.usable = False
        self._hang_up(link)

    # Talking

    def _exchange(self, link: Link, events: int) -> list[KeeperReport]:
        messages = self._board.exchange(link, events)
        if messages is None:
            self._hang_up(link)  # what this means is known when the process is gone
            return []
        return [report for message in messages if (report := self._understand(link, *message)) is not None]

    def _understand(self, link: Link, kind: int, *rest: Any) -> KeeperReport | None:
        if kind == protocol.READY:
            if rest[0] == protocol.VERSION:
                self._make_idle(link)
            else:
                self._discard(link)
                self._stillborn = True
            return None
        if kind == protocol.STARTED:
            return Started(rest[0], rest[1], link.name)
        leftovers, *end = rest
        link.state = State.ENDED
        link.usable = not leftovers
        return ended(link.name, record.attempt_end(*end), not_started=record.means_not_started(*end))

    def _hang_up(self, link: Link) -> None:
        self._board.hang_up(link)
        if link.name in self._idle:
            self._idle.remove(link.name)

    # When keepers go

    def _is_gone(self, link: Link) -> list[KeeperReport]:
        reports = self._exchange(link, select.EPOLLIN) if link.fd != -1 else []
        self._hang_up(link)
        self._board.bury(link)
        if link.state is State.BUSY:
            link.state = State.ENDED
            reports.append(self._last_word(link.name, link.token))
        elif link.state in (State.IDLE, State.STARTING):
            self._stillborn = self._stillborn or (link.state is State.STARTING and link.usable)
            del self._links[link.name]
            self._files.remove(link.name)
            self._files.remove_what_is_there(link.name)
        return reports

    def _last_word(self, keeper: str, token: bytes | None) -> KeeperReport:
        return last_word(keeper, token, self._files.record_of(keeper))

    def _report_later(self, report: KeeperReport) -> None:
        self._overdue.append(report)
        self._board.ring()
