"""Notices leave the outbox: each through its channels, in child processes that no channel can hold up for long.

A notice is written down as sent after its channel took it, so a daemon that is killed in between sends it twice rather
than never.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.channels.courier import HARD_TIMEOUT_S, PATIENCE_S, Courier, Delivered
from jobctl.channels.letter import Letter
from jobctl.daemon.letters import write_message
from jobctl.daemon.paced import PacedStep
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.alert import Alert, AlertKind, Trouble, occurred, recovered
from jobctl.domain.bundling import STORM_MS, plan
from jobctl.domain.delivery import next_try
from jobctl.domain.notice import Notice
from jobctl.domain.units import format_duration
from jobctl.store.removed_jobs import policy_of_removed

_AT_ONCE = 4  # child processes
_LOOKED_AT = 1_000  # notices that are considered at a time
_GONE = "there is no such channel in the jobs file any more"


@dataclass(slots=True)
class _Errand:
    """A bundle of notices on its way through one channel."""

    channel: str
    notices: tuple[Notice, ...]
    courier: Courier | None
    started_at: int
    result: Delivered | None = None


class Delivery(PacedStep):
    """Addresses notices, sends what is due, and writes down how it went. One errand at a time for each channel."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self._store = around.store
        self._catalogue = around.catalogue
        self._journal = around.journal
        self._epoll = select.epoll()
        self._errands: dict[str, _Errand] = {}
        self._to_start: list[_Errand] = []
        self._written: list[_Errand] = []  # their results are part of this tick

    def fileno(self) -> int:
        """Readable when a delivery has ended."""
        return self._epoll.fileno()

    def close(self) -> None:
        """End what is under way: the next daemon sends it, and would send it again if it had arrived meanwhile."""
        for courier in [errand.courier for errand in self._errands.values() if errand.courier is not None]:
            courier.kill()
            courier.wait()
            courier.close()
        self._errands.clear()
        self._epoll.close()

    def tick(self, now: int) -> None:
        self._collect(now)
        results = [errand for errand in self._errands.values() if errand.result is not None]
        for errand in results:
            self._write_down(errand, now)
        if results:
            self.look_now(now)
        else:
            super().tick(now)
        if self._errands:  # whose ends wake the loop
            self.sleeps_until = 0

    def look(self, now: int) -> int | None:
        new = self._store.outbox.unaddressed(_LOOKED_AT)
        for notice in new:
            self._store.outbox.address(notice, self._channels_of(notice.alert), now)
        waiting = self._store.outbox.waiting(_LOOKED_AT)
        deadlines = [round(errand.started_at + 1000 * HARD_TIMEOUT_S) for errand in self._errands.values()]
        deadlines += [now] if len(new) == _LOOKED_AT else []
        for channel in dict.fromkeys(notice.channel for notice in waiting if notice.channel is not None):
            at = self._plan(channel, [notice for notice in waiting if notice.channel == channel], now)
            deadlines += [at] if at is not None else []
        return min(deadlines, default=None)

    def committed(self) -> None:
        for errand in self._written:
            del self._errands[errand.channel]
            if errand.courier is not None:
                errand.courier.close()
        self._written = []
        for errand in self._to_start:
            self._start(errand)
        self._to_start = []

    def rolled_back(self) -> None:
        super().rolled_back()
        self._written, self._to_start = [], []

    def next_at(self) -> int | None:
        known = any(errand.result is not None for errand in self._errands.values())
        return 0 if known else super().next_at()

    def _plan(self, channel: str, waiting: Sequence[Notice], now: int) -> int | None:
        """Choose what goes through a channel next. Returns when there is something to choose again."""
        if channel not in self._catalogue.settings.channels:
            self._store.outbox.give_up([notice.id for notice in waiting], _GONE, now)
            return None
        under_way = self._errands.get(channel)
        if under_way is not None and under_way not in self._written:
            return None  # its end is looked at
        planned = plan(waiting, self._store.outbox.sent_since(channel, now - STORM_MS), now)
        if not planned.bundles:
            return planned.next_at
        if len(self._errands) - len(self._written) + len(self._to_start) < _AT_ONCE:
            self._to_start.append(_Errand(channel, planned.bundles[0], None, now))
        return now

    def _start(self, errand: _Errand) -> None:
        """After the commit, since nothing brings a message back."""
        self._errands[errand.channel], self.sleeps_until = errand, 0
        settings = self._catalogue.settings.channels[errand.channel]
        try:
            message = write_message(self._around, errand.notices)
            errand.courier = Courier(Letter(settings, message, PATIENCE_S))
            self._epoll.register(errand.courier.fileno(), select.EPOLLIN)
        except OSError as problem:
            errand.result = Delivered(f"no process could be started for it: {problem.strerror}")
        except Exception as problem:  # one message that cannot be written must not end the daemon
            self._journal.exception("message cannot be written", channel=errand.channel)
            errand.result = Delivered(f"the message cannot be written: {problem!r}")

    def _collect(self, now: int) -> None:
        for errand in self._errands.values():
            if errand.courier is None or errand.result is not None:
                continue
            if not 0 <= now - errand.started_at < 1000 * HARD_TIMEOUT_S:
                errand.courier.kill()
            errand.result = errand.courier.result()
            if errand.result is not None:
                self._epoll.unregister(errand.courier.fileno())

    def _write_down(self, errand: _Errand, now: int) -> None:
        assert errand.result is not None
        self._written.append(errand)
        ids = [notice.id for notice in errand.notices]
        problem = errand.result.problem
        if problem is None:
            self._store.outbox.sent(ids, now)
            self._journal.info("alert told", channel=errand.channel, alerts=_numbers(errand.notices))
            self._channel_works(errand.channel, now)
            return
        tries = errand.notices[0].tries + 1
        at = next_try(tries, now)
        fields = {"channel": errand.channel, "alerts": _numbers(errand.notices), "reason": problem, "tries": tries}
        if at is not None:
            self._store.outbox.put_off(ids, at, problem)
            retry_in = format_duration((at - now) / 1000)
            self._journal.warning("channel did not take a message", **fields, retry_in=retry_in)
            return
        self._store.outbox.give_up(ids, problem, now)
        self._journal.error("message given up", **fields)
        if any(notice.alert.kind is not AlertKind.NOTIFY_FAILED for notice in errand.notices):
            self._channel_fails(errand.channel, problem, now)

    def _channel_fails(self, channel: str, problem: str, now: int) -> None:
        message = f"channel {channel} did not take a message for hours: {problem}"
        trouble = Trouble(AlertKind.NOTIFY_FAILED, message, subject=channel, severity="high")
        self._store.alerts.record([occurred(self._failing(channel), trouble, now)], now)

    def _channel_works(self, channel: str, now: int) -> None:
        alert = self._failing(channel)
        if alert is not None:
            self._store.alerts.record([recovered(alert, now, told=True)], now)

    def _failing(self, channel: str) -> Alert | None:
        known = self._store.alerts.open([AlertKind.NOTIFY_FAILED])
        return next((alert for alert in known if alert.subject == channel), None)

    def _channels_of(self, alert: Alert) -> list[str]:
        """Those that the job names, else those of the severity; of a failing channel nothing is said through it."""
        settings = self._catalogue.settings
        chosen = self._named_by(alert.job) or settings.severity.get(alert.severity, ())
        failing = alert.subject if alert.kind is AlertKind.NOTIFY_FAILED else None
        return [name for name in dict.fromkeys(chosen) if name in settings.channels and name != failing]

    def _named_by(self, name: str | None) -> tuple[str, ...]:
        """A job that was removed named those who have heard of its alerts."""
        if name is None:
            return ()
        job = self._catalogue.job(name)
        policy = job.alert if job is not None else policy_of_removed(self._store, name)
        return policy.channels if policy is not None else ()


def _numbers(notices: Sequence[Notice]) -> str:
    return ", ".join(str(notice.alert.id) for notice in notices)
