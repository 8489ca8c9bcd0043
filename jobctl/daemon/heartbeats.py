"""Heartbeats: what runs have left to be told goes out, and each minute a word that the daemon works.

The pings wait in the store, so that an end outlives the daemon; a child process sends them, so that no server holds
up a tick. Sent is written down afterwards: a daemon that is killed in between tells twice rather than never.
"""

from __future__ import annotations

import select
from collections.abc import Sequence

from jobctl.channels.pinger import Pinged, Pinger
from jobctl.daemon.paced import EVERY_MS, PacedStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.heartbeat import ALIVE_EVERY_MS, Ping, plan, suffix_of, try_again_at
from jobctl.domain.job import EnvValue
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration

_LOOKED_AT = 2_000
_IDLE_MS = 90_000  # the child leaves when there was nothing to ping for so long
_ALIVE = 0  # the number of the daemon's own ping; those of runs begin at 1
_GIVEN_UP = "heartbeat given up"


class Heartbeats(PacedStep):
    """One ping of a job at a time, in their order."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._epoll = select.epoll()
        self._pinger: Pinger | None = None
        self._used_at = 0
        self._under_way: dict[int, Ping | None] = {}
        self._answers: list[Pinged] = []  # kept until they are committed
        self._to_send: list[Ping] = []
        self._alive_at: int | None = None
        self._own: EnvValue | None = None
        self._now = 0

    def fileno(self) -> int:
        """Readable when there are answers."""
        return self._epoll.fileno()

    def close(self) -> None:
        """What is under way may still arrive; the next daemon sends it once more. A second time does nothing."""
        if not self._epoll.closed:
            self._let_go()
            self._epoll.close()

    def tick(self, now: int) -> None:
        self._now = now
        if self._pinger is not None:
            self._answers += self._pinger.answers(now)
            if self._pinger.has_ended:
                self._let_go()
        for answer in self._answers:
            self._write_down(answer, now)
        if self._answers:
            self.look_now(now)
        else:
            super().tick(now)
        if self._pinger is not None:  # whose answers wake the loop
            self.sleeps_until = 0

    def look(self, now: int) -> int | None:
        settled = {answer.id for answer in self._answers}
        busy = {ping.job for number, ping in self._under_way.items() if ping is not None and number not in settled}
        self._mind_own_address()
        planned = plan(self._store.heartbeats.waiting(_LOOKED_AT), busy, now)
        self._drop(planned.drop)
        self._to_send = []
        for ping in planned.send:
            if self._address(ping.job) is None:
                self._store.heartbeats.done(ping.id)
            else:
                self._to_send.append(ping)
        return self._deadline(planned.next_at, now)

    def committed(self) -> None:
        for answer in self._answers:
            self._under_way.pop(answer.id, None)
        self._answers = []
        to_send, self._to_send = self._to_send, []
        for ping in to_send:
            address = self._address(ping.job)
            if address is not None:
                self._send(ping.id, ping, address, suffix_of(ping))
        own = self._catalogue.settings.heartbeat
        if own is not None and self._is_due(self._now) and _ALIVE not in self._under_way:
            self._alive_at = self._now
            self._send(_ALIVE, None, own, "")
        if not self._under_way and not 0 <= self._now - self._used_at < _IDLE_MS:
            self._let_go()

    def rolled_back(self) -> None:
        super().rolled_back()
        self._to_send = []

    def next_at(self) -> int | None:
        return 0 if self._answers else super().next_at()

    def _mind_own_address(self) -> None:
        """Another one, or none any more, has not failed."""
        own = self._catalogue.settings.heartbeat
        if own != self._own:
            self._own, self._alive_at = own, None
            self._store.heartbeats.works(None)

    def _deadline(self, planned: int | None, now: int) -> int | None:
        deadlines = [planned] if planned is not None else []
        if self._catalogue.settings.heartbeat is not None:
            deadlines.append(now if self._alive_at is None else self._alive_at + ALIVE_EVERY_MS)
        if self._under_way or self._to_send:
            deadlines.append(now + EVERY_MS)
        if self._pinger is not None:
            deadlines.append(self._used_at + _IDLE_MS)
        return min(deadlines, default=None)

    def _is_due(self, now: int) -> bool:
        return self._alive_at is None or not 0 <= now - self._alive_at < ALIVE_EVERY_MS

    def _address(self, name: str) -> EnvValue | None:
        job = self._catalogue.job(name)
        return None if job is None else job.heartbeat

    def _send(self, number: int, ping: Ping | None, address: EnvValue, suffix: str) -> None:
        """After the commit: what could not be sent now is planned again."""
        self.sleeps_until = 0
        try:
            if self._pinger is None:
                self._pinger = Pinger()
                self._epoll.register(self._pinger.fileno(), select.EPOLLIN)
            if self._pinger.send(number, address, suffix, self._now):
                self._under_way[number] = ping
                self._used_at = self._now
        except OSError as problem:
            self._under_way[number] = ping
            self._answers.append(Pinged(number, f"no process could be started for it: {problem.strerror}"))

    def _write_down(self, answer: Pinged, now: int) -> None:
        ping = self._under_way.get(answer.id)
        if ping is None and self._own is None:
            return
        job = None if ping is None else ping.job
        if answer.problem is None:
            if ping is not None:
                self._store.heartbeats.done(ping.id)
            if self._store.heartbeats.works(job):
                self._journal.info("heartbeat arrives again", job=job)
            return
        self._store.heartbeats.fails(job, answer.problem, now)
        if ping is None:
            retry_in = format_duration(ALIVE_EVERY_MS // 1000)
            self._journal.warning("heartbeat did not arrive", reason=answer.problem, retry_in=retry_in)
            return
        at = try_again_at(ping, now)
        if at is None:
            self._give_up(ping, answer.problem)
            return
        self._store.heartbeats.put_off(ping.id, at)
        self._journal.warning(
            "heartbeat did not arrive", **_fields(ping), reason=answer.problem,
            retry_in=format_duration((at - now) / 1000),
        )  # fmt: skip

    def _drop(self, pings: Sequence[tuple[Ping, str]]) -> None:
        by_reason: dict[tuple[str, str], list[Ping]] = {}
        for ping, reason in pings:
            by_reason.setdefault((ping.job, reason), []).append(ping)
        for (job, reason), (first, *others) in by_reason.items():
            if not others:
                self._give_up(first, reason)
                continue
            for ping in (first, *others):
                self._store.heartbeats.done(ping.id)
            self._journal.warning(_GIVEN_UP, job=job, pings=1 + len(others), reason=reason)

    def _give_up(self, ping: Ping, reason: str) -> None:
        self._store.heartbeats.done(ping.id)
        self._journal.warning(_GIVEN_UP, **_fields(ping), reason=reason)

    def _let_go(self) -> None:
        if self._pinger is not None:
            self._epoll.unregister(self._pinger.fileno())
            self._pinger.close()
            self._pinger = None


def _fields(ping: Ping) -> dict[str, object]:
    return {"job": ping.job, "run": to_text(ping.run_id), "ping": suffix_of(ping)}
