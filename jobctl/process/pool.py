"""The daemon's keepers: started on demand, kept warm, told what to do, listened to, retired.

The order of an attempt: `take` → the daemon commits the attempt with the keeper's name → `start` → `receive` says
Started, then Ended, NotStarted or Died → the daemon commits that → `settled`. Only then may the keeper overwrite its
record with the next attempt, and only then is the record of a keeper that is gone removed.
"""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any

from jobctl.process import protocol, record
from jobctl.process.adopted import stop_adopted
from jobctl.process.crew import READY_WITHIN_MS, Crew
from jobctl.process.keeper_files import KeeperFiles
from jobctl.process.link import Link, State, Streams
from jobctl.process.reports import Died, KeeperReport, Started, ended
from jobctl.process.spec import AttemptSpec
from jobctl.process.switchboard import Switchboard


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
        self._offered: list[str] = []  # ended, their ends about to be committed
        self._lent: set[str] = set()  # offered and reserved
        self._board = Switchboard()
        self._crew = Crew(self._files, self._board, warm_reserve, streams)
        self._links = self._crew.links
        self._overdue: list[KeeperReport] = []  # known without a descriptor becoming readable

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
        return self._crew.prepared

    @property
    def has_ready(self) -> bool:
        """Whether `take` may have one to give."""
        return bool(self._crew.idle or self._offered)

    def warm(self, wanted: int, now: int) -> None:
        """Get so many keepers ready, side by side, a few at a time: each that is ready shows in `receive`, and the next
        call starts what is still missing. CannotStart when the machine refuses one, or one did not get ready."""
        self._crew.warm(wanted, now)

    def take(self) -> str | None:
        """The name of a keeper that is ready and now taken; None when there is none."""
        link = self._take_offered() or self._crew.take_idle()
        if link is None:
            return None
        link.state = State.RESERVED
        link.idle_since = None
        return link.name

    def reserve(self) -> str:
        """`take`, which waits for a new keeper when none is ready (20 ms). CannotStart."""
        while (keeper := self.take()) is None:
            self._await_ready(next(reversed(self._crew.starting()), None) or self._crew.spawn())
        return keeper

    def release(self, keeper: str) -> None:
        """Give back a reservation that was not used."""
        link = self._links[keeper]
        if keeper in self._lent:
            self._lent.discard(keeper)
            link.state = State.ENDED
        elif link.alive and link.state is State.RESERVED:
            self._crew.make_idle(link)
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
        return stop_adopted(self._files.record_of(keeper).header, signal)

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
                reports.append(self._files.last_word(*self._board.adopted.gone(fd)))
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
                self._crew.make_idle(link)
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
            self._report_later(self._files.last_word(keeper, token))
        elif found.job is not None and found.job.token == token:
            self._report_later(Started(token, found.job.pid, keeper))

    def retire_idle(self, now: int) -> int | None:
        """Let go of keepers that were idle for a minute, but for the warm reserve; the instant of the next call."""
        return self._crew.retire_idle(now)

    def close(self, patience_ms: int = 0) -> None:
        """Hang up on every keeper: idle ones exit, busy ones finish and record first. Nothing is stopped.

        `patience_ms`: how long those without an attempt are waited for, each time that one has gone: a service manager
        takes who is still there after its service for a mistake, and says so.
        """
        self._crew.close(patience_ms)
        self._board.close()

    def _await_ready(self, link: Link) -> None:
        poll = select.poll()
        poll.register(link.fd, select.POLLIN)
        while link.state is State.STARTING and link.fd != -1 and poll.poll(READY_WITHIN_MS):
            self._overdue += self._exchange(link, select.EPOLLIN)
        if link.state is State.STARTING:
            self._crew.discard(link)
            raise self._crew.not_ready()

    def _take_offered(self) -> Link | None:
        while self._offered:
            link = self._links.get(self._offered.pop())
            if link is not None and link.alive and link.usable and link.fd != -1:
                self._lent.add(link.name)
                return link
        return None

    def _exchange(self, link: Link, events: int) -> list[KeeperReport]:
        messages = self._board.exchange(link, events)
        if messages is None:
            self._crew.hang_up(link)  # what this means is known when the process is gone
            return []
        return [report for message in messages if (report := self._understand(link, *message)) is not None]

    def _understand(self, link: Link, kind: int, *rest: Any) -> KeeperReport | None:
        if kind == protocol.READY:
            if rest[0] == protocol.VERSION:
                self._crew.make_idle(link)
            else:
                self._crew.reject(link)
            return None
        if kind == protocol.STARTED:
            return Started(rest[0], rest[1], link.name)
        leftovers, *end = rest
        link.state = State.ENDED
        link.usable = not leftovers
        return ended(link.name, record.attempt_end(*end), not_started=record.means_not_started(*end))

    def _is_gone(self, link: Link) -> list[KeeperReport]:
        reports = self._exchange(link, select.EPOLLIN) if link.fd != -1 else []
        self._crew.hang_up(link)
        self._board.bury(link)
        if link.state is State.BUSY:
            link.state = State.ENDED
            reports.append(self._files.last_word(link.name, link.token))
        elif link.state in (State.IDLE, State.STARTING):
            self._crew.has_left(link)
        return reports

    def _report_later(self, report: KeeperReport) -> None:
        self._overdue.append(report)
        self._board.ring()
