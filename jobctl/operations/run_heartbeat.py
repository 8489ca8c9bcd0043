"""The heartbeat of runs without a daemon: the call that executes a run also sends its pings."""

from __future__ import annotations

import select
import time

from jobctl.channels.pinger import TIMEOUT_S, Pinger
from jobctl.domain.heartbeat import Ping, suffix_of, try_again_at
from jobctl.domain.job import EnvValue
from jobctl.operations.context import Context

_PATIENCE_S = TIMEOUT_S + 1


class RunHeartbeat:
    """Sends what the store has to tell of one run, one ping at a time. What does not arrive stays there: the next
    daemon tries it while it is news."""

    def __init__(self, ctx: Context, run_id: int, address: EnvValue) -> None:
        self._ctx = ctx
        self._run_id = run_id
        self._address = address
        self._pinger: Pinger | None = None
        self._under_way: dict[int, Ping] = {}
        self._put_off: set[int] = set()  # no more: a ping that is done leaves its number to the next one
        self._problem: str | None = None

    def look(self) -> None:
        """Send what is new, take what has been answered; waits for nothing."""
        now = self._ctx.clock.now()
        if self._pinger is not None:
            for answer in self._pinger.answers(now):
                self._write_down(self._under_way.pop(answer.id), answer.problem, now)
        if not self._under_way:
            left = [one for one in self._ctx.store.heartbeats.of_run(self._run_id) if one.id not in self._put_off]
            if left:
                self._send(left[0], now)

    def finish(self) -> str | None:
        """The run has ended: let that arrive, for as long as a server may take to answer, and close. What has not
        arrived by then, in words."""
        until = time.monotonic() + _PATIENCE_S
        self.look()
        while self._pinger is not None and self._under_way and time.monotonic() < until:
            select.select([self._pinger], [], [], max(0.0, until - time.monotonic()))
            self.look()
        self.close()
        return self._problem

    def close(self) -> None:
        """What is under way may still arrive."""
        if self._pinger is not None:
            self._pinger.close()

    def _send(self, ping: Ping, now: int) -> None:
        try:
            self._pinger = self._pinger or Pinger()
        except OSError as problem:
            self._write_down(ping, f"no process could be started for it: {problem.strerror}", now)
            return
        if self._pinger.send(ping.id, self._address, suffix_of(ping), now):
            self._under_way[ping.id] = ping
        else:
            self._write_down(ping, "the process that pings has ended", now)

    def _write_down(self, ping: Ping, problem: str | None, now: int) -> None:
        store = self._ctx.store.heartbeats
        if problem is None:
            store.done(ping.id)
            store.works(ping.job)
            return
        self._problem = problem
        store.fails(ping.job, problem, now)
        at = try_again_at(ping, now)
        if at is None:
            store.done(ping.id)
        else:
            self._put_off.add(ping.id)
            store.put_off(ping.id, at)
