"""A run: one unit of work of a job, from its making to its end, and the only table of its moves."""

import enum
from typing import NamedTuple


class Status(enum.IntEnum):
    """Where a run is, or how it ended. The numbers are stored; they never change."""

    SCHEDULED = 1
    QUEUED = 2
    RUNNING = 3
    RETRYING = 4
    SUCCEEDED = 10
    FAILED = 11
    TIMED_OUT = 12
    CANCELLED = 13
    SKIPPED = 14
    MISSED = 15
    LOST = 16

    __hash__ = int.__hash__  # as its equality; enum's own is a call of Python, and long listings look up a million

    word: str  # the name users see
    is_final: bool

    def __init__(self, number: int) -> None:
        self.word = self._name_.lower()
        self.is_final = number >= 10


ACTIVE = frozenset({Status.QUEUED, Status.RUNNING, Status.RETRYING})
"""In the sense of `overlap`: waiting to start, running, or between two attempts."""
FINAL = frozenset(status for status in Status if status.is_final)
BEGUN = tuple(s for s in Status if s not in (Status.SCHEDULED, Status.QUEUED, Status.SKIPPED, Status.MISSED))
"""Where runs are that may have been started; of those that were cancelled or wait again it is not certain."""
DEAD = frozenset({Status.FAILED, Status.TIMED_OUT, Status.LOST})

MOVES: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.QUEUED, Status.CANCELLED, Status.SKIPPED, Status.MISSED}),
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.SKIPPED, Status.MISSED}),
    Status.RUNNING: frozenset(
        {
            Status.SUCCEEDED,
            Status.FAILED,
            Status.TIMED_OUT,
            Status.CANCELLED,
            Status.LOST,
            Status.RETRYING,
            Status.QUEUED,  # the keeper died before BEGIN: nothing was started, the attempt does not count
        }
    ),
    Status.RETRYING: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.TIMED_OUT: frozenset({Status.QUEUED}),
    Status.LOST: frozenset({Status.QUEUED}),
    Status.CANCELLED: frozenset({Status.QUEUED}),
    Status.SUCCEEDED: frozenset(),
    Status.SKIPPED: frozenset(),
    Status.MISSED: frozenset(),
}


def may_move(source: Status, target: Status) -> bool:
    """Whether a run may go from `source` to `target`."""
    return target in MOVES[source]


class Origin(enum.IntEnum):
    """Why a run exists. The numbers are stored; they never change."""

    SCHEDULE = 1
    CATCH_UP = 2
    MANUAL = 3
    QUEUE = 4
    STARTUP = 5
    CHAIN = 6
    EXEC = 7

    word: str  # the name users see

    def __init__(self, _number: int) -> None:
        self.word = self._name_.lower()


class NewRun(NamedTuple):
    """A run about to be made. `status` is SCHEDULED, QUEUED, or, for slots that never ran, SKIPPED or MISSED."""

    job: str
    origin: Origin
    status: Status
    created_at: int
    due_at: int  # not before this instant; lateness and start_deadline count from here
    start_by: int | None = None  # start_deadline as an instant: not started by then, it is MISSED
    slot: int | None = None
    priority: int = 5
    queue: str = "default"
    max_attempts: int = 1
    params: str | None = None  # JSON object
    key: str | None = None  # idempotency key, unique per job while the run is kept
    parent_id: int | None = None
    reason: str | None = None
    keep: bool = False
    own_budget: bool = False  # `max_attempts` was asked for this run, and is not its job's


class Run(NamedTuple):
    """A run as the store holds it. Instants are milliseconds since the epoch."""

    id: int
    job: str
    status: Status
    origin: Origin
    reason: str | None
    slot: int | None
    created_at: int
    due_at: int
    started_at: int | None
    finished_at: int | None
    exit_code: int | None
    signal: int | None
    attempt: int  # attempts begun in this retry budget's life; 0 before the first
    max_attempts: int
    priority: int
    queue: str
    params: str | None
    key: str | None
    result: str | None
    progress: float | None
    message: str | None
    parent_id: int | None
    cpu_seconds: float | None
    max_rss_bytes: int | None
    log_bytes: int | None
    dead_letter: bool
    keep: bool
    cancel_signal: int | None  # set while somebody asks a running run to stop
    read_bytes: int | None = None  # from storage, all attempts together
    written_bytes: int | None = None
    blamed: int = 0  # how often the daemon died while starting it
    first_attempt: int = 1  # of those since somebody retried it last, if anybody did

    @property
    def can_be_retried(self) -> bool:
        """Whether another attempt makes sense of it, and nobody but jobctl would have to bring the command."""
        return self.status.is_final and may_move(self.status, Status.QUEUED) and self.origin is not Origin.EXEC

    @property
    def wait(self) -> int | None:
        """Milliseconds from when it was due to when it first started. Each attempt that follows by itself moves
        `due_at` beyond that start: such a run counts from its slot, or from its making. After a retry by hand, which
        comes before that start, nobody knows it then: the time as a dead letter was not spent waiting."""
        if self.started_at is None:
            return None
        if self.attempt <= self.first_attempt or self.started_at >= self.due_at:
            return max(0, self.started_at - self.due_at)
        if self.first_attempt > 1:
            return None
        return max(0, self.started_at - (self.created_at if self.slot is None else self.slot * 1000))


class RunEnd(NamedTuple):
    """How a run ended for good, after an attempt. A run that is retried by hand may end once more, with a higher
    `attempt`: both together are what starts a child at most once (see domain.chain)."""

    job: str
    run_id: int
    attempt: int
    status: Status
    finished_at: int
    result: str | None = None  # JSON


class AttemptState(enum.IntEnum):
    """Where one process execution is. The numbers are stored; they never change."""

    STARTING = 1  # committed; the keeper may or may not have begun
    RUNNING = 2  # the keeper reported its job's pid
    UNSUPERVISED = 3  # the keeper is gone, processes of the run live on
    ENDED = 4


class Attempt(NamedTuple):
    """One process execution of a run."""

    run_id: int
    number: int
    state: AttemptState
    status: Status | None  # how it ended, None before
    token: bytes  # 16 random bytes: the identity that BEGIN and END carry
    keeper: str  # name of the keeper's record file
    started_at: int
    finished_at: int | None
    exit_code: int | None
    signal: int | None
    error: str | None
    pid: int | None
    cpu_seconds: float | None
    max_rss_bytes: int | None
    log_bytes: int | None
    read_bytes: int | None = None  # from storage
    written_bytes: int | None = None
