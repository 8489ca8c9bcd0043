"""Heartbeats: an address outside is told that a run started and how it ended, so that silence can be noticed there.

Pure. Instants are milliseconds since the epoch.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from jobctl.domain.delivery import next_try
from jobctl.domain.run import Status
from jobctl.domain.units import said

ALIVE_EVERY_MS = 60_000  # how often the daemon says that it works
_START_IS_NEWS_MS = 60_000  # later nobody can measure by it
_END_IS_NEWS_MS = 4 * 3_600_000
_START_DELAY_MS = 10_000
_FAILING_FOR_LONG_MS = 300_000
_MOST_OF_A_JOB = 50  # that wait: a job that runs faster than its server answers must not hold up those of others

_TIMED_OUT, _CANCELLED, _LOST = 124, 130, 75  # as `jobctl wait` gives them


class PingKind(enum.IntEnum):
    """What a ping says. The numbers are stored; they never change."""

    START = 1  # of an attempt
    END = 2  # of a run, for good


@dataclass(frozen=True, slots=True)
class Ping:
    """One ping that somebody waits for. `status`, `exit_code` and `signal` are those of an end."""

    id: int
    job: str
    run_id: int
    kind: PingKind
    status: Status | None
    exit_code: int | None
    signal: int | None
    made_at: int
    due_at: int
    tries: int  # that failed


@dataclass(frozen=True, slots=True)
class Failing:
    """An address that takes no pings. `job` None: the daemon's own."""

    job: str | None
    since: int
    error: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent now, what is no news any more, each with the reason, and when to plan again."""

    send: tuple[Ping, ...]
    drop: tuple[tuple[Ping, str], ...]
    next_at: int | None


def suffix_of(ping: Ping) -> str:
    """What is appended to the address: `/start`, `/0` for a success, `/<code>` for everything else."""
    return "/start" if ping.kind is PingKind.START else f"/{_code_of(ping)}"


def address(url: str, suffix: str) -> str:
    """The address with the suffix behind its path; a query stays where it is."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + suffix if suffix else parts.path))


def plan(waiting: Sequence[Ping], busy: Collection[str], now: int) -> Plan:
    """Choose among the pings that wait, the oldest first. Those of a job go one after the other; `busy` are the jobs
    with one on its way."""
    send, drop, deadlines = [], [], []
    by_job: dict[str, list[Ping]] = {}
    for ping in waiting:
        by_job.setdefault(ping.job, []).append(ping)
    for job, pings in by_job.items():
        idle = pings[1:] if job in busy else pings  # the first is the one on its way
        reasons = [_no_news(ping, idle[place + 1 :], now) for place, ping in enumerate(idle)]
        drop += [(ping, reason) for ping, reason in zip(idle, reasons, strict=True) if reason is not None]
        left = [ping for ping, reason in zip(idle, reasons, strict=True) if reason is None]
        if job in busy:
            continue
        if left and (left[0].due_at <= now or left[0].due_at - now > _END_IS_NEWS_MS):  # or the clock was set back
            send.append(left[0])
        elif left:
            deadlines.append(left[0].due_at)
    return Plan(tuple(send), tuple(drop), min(deadlines, default=None))


def try_again_at(ping: Ping, now: int) -> int | None:
    """When a ping is sent again that failed at `now`; None: it is given up."""
    if ping.kind is PingKind.START:
        return now + _START_DELAY_MS if now + _START_DELAY_MS - ping.made_at < _START_IS_NEWS_MS else None
    return next_try(ping.tries + 1, now)


def failing_for_long(failing: Sequence[Failing], now: int) -> str | None:
    """What is to be said of addresses that have taken no ping for five minutes; None: there is none. They are in the
    order in which they failed first."""
    long = [one for one in failing if not 0 <= now - one.since < _FAILING_FOR_LONG_MS]
    if not long:
        return None
    others = f" and {len(long) - 1} more" if len(long) > 1 else ""
    whose = f"{long[0].job or 'the daemon'}{others}"
    return f"heartbeats of {whose} do not arrive since {said(long[0].since)}: {long[0].error}"


def _no_news(ping: Ping, later: Sequence[Ping], now: int) -> str | None:
    """Why it is worth nothing any more. A job that is not heard for hours leaves one ping, not thousands."""
    limit = _START_IS_NEWS_MS if ping.kind is PingKind.START else _END_IS_NEWS_MS
    if now - ping.made_at >= limit:
        return "it came too late"
    if ping.tries and any(other.kind is PingKind.END for other in later):
        return "a newer one took its place"
    if len(later) >= _MOST_OF_A_JOB:
        return "too many newer ones wait"
    return None


def _code_of(ping: Ping) -> int:
    """The exit code as people know it; everything but a success has one that is not 0."""
    if ping.status is Status.SUCCEEDED:
        return 0
    fixed = {Status.TIMED_OUT: _TIMED_OUT, Status.CANCELLED: _CANCELLED, Status.LOST: _LOST}
    if ping.status in fixed:
        return fixed[ping.status]
    return 128 + ping.signal if ping.signal is not None else ping.exit_code or 1
