"""An alert: one cause that somebody should know of, from the first time it shows until it is over.

A pure state machine: open → still failing → acknowledged → recovered, or closed where nothing can recover any more.
What happens makes a `Change`: the alert as it is from now on, and whether somebody is to be told. Instants are
milliseconds since the epoch.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from jobctl.domain.units import format_duration

REPEAT_MS = 4 * 3_600_000  # how often an alert that stays open is told again, where no job says otherwise


class AlertKind(enum.IntEnum):
    """What is wrong. The numbers are stored; they never change."""

    FAILED = 1  # runs of a job failed or timed out for good
    LOST = 2  # the end of a run cannot be known
    LATE = 3  # not started in time
    OVERRUN = 4  # runs longer than it should
    TOO_FAST = 5  # succeeded suspiciously soon
    NO_SUCCESS = 6  # the dead-man switch
    POISON = 7  # quarantined: the daemon did not survive starting it
    CANNOT_START = 10  # the machine gives the daemon no processes or descriptors
    DISK_LOW = 11  # below the reserve: nothing starts
    CLOCK_STEP = 12  # somebody set the clock
    CONFIG_BROKEN = 13  # a changed jobs file was refused, or the schedule of a job cannot be followed
    NOTIFY_FAILED = 14  # a channel did not take its messages
    HEARTBEAT_FAILED = 15  # addresses take no pings
    CPU = 20
    MEMORY = 21
    DISK = 22

    @property
    def word(self) -> str:
        """The name users see."""
        return self.name.lower()

    @property
    def is_of_host(self) -> bool:
        return self >= AlertKind.CPU


OF_FAILURES = frozenset({AlertKind.FAILED, AlertKind.LOST, AlertKind.POISON})
"""What a run that ended badly may be."""


_BETTER = {
    AlertKind.LATE: "starts in time again",
    AlertKind.OVERRUN: "no run takes too long any more",
    AlertKind.TOO_FAST: "takes its time again",
    AlertKind.NO_SUCCESS: "a run succeeded",  # maybe the first one
    AlertKind.CANNOT_START: "processes start again",
    AlertKind.DISK_LOW: "there is enough space again",
    AlertKind.CONFIG_BROKEN: "what the jobs file says is in force again",
    AlertKind.NOTIFY_FAILED: "the channel takes messages again",
    AlertKind.HEARTBEAT_FAILED: "heartbeats arrive again",
    AlertKind.CPU: "the processors are below their bound again",
    AlertKind.MEMORY: "memory is below its bound again",
    AlertKind.DISK: "there is enough space again",
}


class AlertState(enum.IntEnum):
    """Where an alert is. The numbers are stored; they never change."""

    OPEN = 1
    STILL_FAILING = 2  # it happened again, or still holds
    ACKNOWLEDGED = 3  # somebody has seen it: nobody is told again before it is over
    RECOVERED = 4
    CLOSED = 5  # what it was about is gone: nobody says that all is well

    @property
    def word(self) -> str:
        return self.name.lower()


_OVER = frozenset({AlertState.RECOVERED, AlertState.CLOSED})
ALERT_MOVES: dict[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: _OVER | {AlertState.STILL_FAILING, AlertState.ACKNOWLEDGED},
    AlertState.STILL_FAILING: _OVER | {AlertState.ACKNOWLEDGED},
    AlertState.ACKNOWLEDGED: _OVER,
    AlertState.RECOVERED: frozenset(),  # the next time is another alert
    AlertState.CLOSED: frozenset(),
}


class Telling(enum.IntEnum):
    """What a message says of an alert. The numbers are stored; they never change."""

    OPENED = 1
    AGAIN = 2
    RECOVERED = 3
    CLOSED = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def is_end(self) -> bool:
        """Whether it says that the alert is over."""
        return self in (Telling.RECOVERED, Telling.CLOSED)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the store holds it. At most one of a kind and subject is open."""

    id: int | None  # None: not stored yet
    kind: AlertKind
    job: str | None
    subject: str  # what it is about: the job, the channel, or nothing where there is only one
    severity: str
    state: AlertState
    opened_at: int
    last_at: int
    count: int
    message: str
    run_id: int | None  # the newest run concerned
    told_at: int
    closed_at: int | None = None
    acknowledged_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state not in _OVER

    @property
    def about(self) -> str:
        """What it is about, in a word for people: of what has no subject the machine, or jobctl itself."""
        return self.subject or ("host" if self.kind.is_of_host else "jobctl")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is worth an alert, at one instant. `count`: how often it has happened when it first counts."""

    kind: AlertKind
    message: str
    job: str | None = None
    subject: str = ""
    severity: str = "medium"
    run_id: int | None = None
    count: int = 1
    repeat_ms: int = REPEAT_MS

    @property
    def key(self) -> tuple[AlertKind, str]:
        """What makes it the same cause as another."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class Change:
    """An alert as it is from now on, and what is to be told of it; None: nothing. `message` is what is told, where
    that is not the alert's own: an alert that is over keeps what was wrong. So with `run_id`, of the run that made it
    over."""

    alert: Alert
    telling: Telling | None
    message: str | None = None
    run_id: int | None = None


def occurred(alert: Alert | None, trouble: Trouble, now: int) -> Change:
    """It happened, or happened again to an open `alert`: counted each time, told at first and then no more often than
    `repeat_ms`, and to nobody once it is acknowledged."""
    if alert is None:
        return Change(_opened(trouble, now), Telling.OPENED)
    again = replace(
        alert, last_at=now, count=alert.count + 1, message=trouble.message, run_id=trouble.run_id or alert.run_id
    )
    return _told_again(again, trouble, now)


def persists(alert: Alert, trouble: Trouble, now: int) -> Change | None:
    """It still holds. None: that is known already, and it is not time to tell it again."""
    if alert.state is AlertState.ACKNOWLEDGED or not _may_tell(alert, trouble, now):
        return None
    return _told_again(replace(alert, last_at=now, message=trouble.message), trouble, now)


def recovered(alert: Alert, now: int, *, told: bool, run_id: int | None = None, dead_letters: int = 0) -> Change:
    """It is over. `told`: whoever heard of it hears this too. `run_id`: the run that succeeded, if one did, and
    `dead_letters`: how many the job has nevertheless."""
    over = replace(alert, state=AlertState.RECOVERED, closed_at=now)
    return Change(over, Telling.RECOVERED if told else None, recovery_words(alert, now, dead_letters), run_id)


def closed(alert: Alert, why: str, now: int, *, told: bool) -> Change:
    """It is over for another reason than that all is well again: `why` follows `closed because`. `told`: as above."""
    over = replace(alert, state=AlertState.CLOSED, closed_at=now)
    words = f"closed because {why}; {_open_for(alert, now)}"
    return Change(over, Telling.CLOSED if told else None, words)


def recovery_words(alert: Alert, now: int, dead_letters: int = 0) -> str:
    """What is better now: `succeeded again after 2 failures; the alert was open for 3h`, and what is not: a success of
    other work does not make up for what was sent to be done. The first failures may have come before it was opened."""
    better = _BETTER.get(alert.kind, "all is well again")
    if alert.kind in OF_FAILURES:
        better = f"succeeded again after {alert.count} failure{'' if alert.count == 1 else 's'}"
    if dead_letters:
        letters = "1 dead letter of it is" if dead_letters == 1 else f"{dead_letters} dead letters of it are"
        better += f"; {letters} left: `jobctl dead {alert.job}`"
    return f"{better}; {_open_for(alert, now)}"


def _open_for(alert: Alert, now: int) -> str:
    return f"the alert was open for {format_duration(max(0, now - alert.opened_at) // 1000)}"


def remind_at(alert: Alert, repeat_ms: int) -> int | None:
    """When an alert that still holds is told again; None: never, somebody knows."""
    return None if alert.state is AlertState.ACKNOWLEDGED else alert.told_at + repeat_ms


def _opened(trouble: Trouble, now: int) -> Alert:
    return Alert(
        id=None,
        kind=trouble.kind,
        job=trouble.job,
        subject=trouble.subject,
        severity=trouble.severity,
        state=AlertState.OPEN,
        opened_at=now,
        last_at=now,
        count=trouble.count,
        message=trouble.message,
        run_id=trouble.run_id,
        told_at=now,
    )


def _told_again(alert: Alert, trouble: Trouble, now: int) -> Change:
    if alert.state is AlertState.ACKNOWLEDGED:
        return Change(alert, None)
    failing = replace(alert, state=AlertState.STILL_FAILING)
    if not _may_tell(alert, trouble, now):
        return Change(failing, None)
    return Change(replace(failing, told_at=now), Telling.AGAIN)


def _may_tell(alert: Alert, trouble: Trouble, now: int) -> bool:
    """A clock that was set back does not silence an alert for longer than its interval."""
    return not 0 <= now - alert.told_at < trouble.repeat_ms
