"""What `absence` decides by, and what it answers: the facts about a job at an instant, the reasons that there are."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from jobctl.domain.last_seen import LastSeen, last_sign
from jobctl.domain.run import Run


class Reason(enum.Enum):
    """The one thing that decided. The words are for scripts; they never change."""

    RAN = "ran"
    WAITING = "waiting"
    PAUSED = "paused"
    HELD_FOR_LOAD = "held_for_load"
    OVERLAP = "overlap"
    CANCELLED = "cancelled"
    START_DEADLINE = "start_deadline"
    DAEMON_DOWN = "daemon_down"
    DAEMON_SILENT = "daemon_silent"
    SUSPENDED = "suspended"
    CLOCK_STEP = "clock_step"
    DST = "dst"
    EXCLUDED = "excluded"
    DISABLED = "disabled"
    SCHEDULING_OFF = "scheduling_off"
    NOT_DEFINED = "not_defined"
    NO_CLOCK = "no_clock"
    NO_SLOT = "no_slot"
    NOT_YET = "not_yet"
    MISSED = "missed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Off:
    """The job was kept from starting by itself. `by` None: by `enabled = false` in the jobs file."""

    by: str | None = None
    since: int | None = None
    until: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Daemon:
    """What is known of the daemon: whether it lives, when it began, when it was seen at work, or stopped as it was told
    to, for the last time, and what keeps it from its work."""

    alive: bool
    started_at: int | None = None
    seen: LastSeen | None = None
    silence: str | None = None
    scheduling_off: str | None = None

    @property
    def last_seen(self) -> int | None:
        sign = last_sign(self.seen, self.started_at)
        return sign.at if sign is not None else None

    @property
    def has_stopped(self) -> bool:
        """Whether `last_seen` is its end."""
        sign = last_sign(self.seen, self.started_at)
        return sign is not None and sign.stopped


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store knows about a job at an instant. Instants in milliseconds, slots in seconds."""

    job: str
    at: int
    now: int
    daemon: Daemon
    slot: int | None = None  # the slot that is asked about; None: the schedule has none there
    due_at: int | None = None  # when it was to start, spread included
    next_at: int | None = None  # the first start that the daemon has not decided
    before: int | None = None  # the nearest slots
    after: int | None = None
    defined: bool = True
    since: int | None = None  # the job was so, or was not there, from then
    until: int | None = None  # to then; None: it still is
    has_clock: bool = True
    triggers: str = ""
    catch_up: str = "once"
    run: Run | None = None  # of the slot, or the next one that may answer for it, or one made at that time
    waits: str | None = None
    held: str | None = None  # a pause that is over, while the run was due
    paused: bool = False
    cancelled_by: str | None = None
    off: Off | None = None
    excluded: bool = False
    first_pass: int | None = None  # the wall showed this time once before, when the fixed time had its slot


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `run` is the one that the answer speaks of."""

    reason: Reason
    text: str
    run: Run | None = None


Say = Callable[[int], str]  # how an instant is said to the reader
