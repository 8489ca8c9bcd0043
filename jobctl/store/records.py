"""What goes into the store and comes out of it, beside the runs themselves. Instants are milliseconds."""

from typing import NamedTuple

from jobctl.domain.run import Origin, Status


class JobTiming(NamedTuple):
    """What the scheduler knows of a job besides its definition."""

    name: str
    watermark: int | None  # last decided slot, seconds; None: nothing decided yet
    next_at: int | None
    last_finished_at: int | None
    disabled: bool
    disabled_until: int | None


class JobRow(NamedTuple):
    """A job in a listing, with the state of its runs.

    `last_*` tell of the run that ended last among those that had an attempt. A tuple, because a listing makes ten
    thousand of them: a frozen dataclass takes four times as long to make.
    """

    name: str
    description: str
    group: str
    tags: tuple[str, ...]
    enabled: bool  # by the file and by `disable` together
    disabled_by: str | None
    disabled_reason: str | None
    disabled_until: int | None
    schedule: str
    timezone: str | None
    next_at: int | None
    running: int
    queued: int
    last_run_id: int | None
    last_status: Status | None
    last_started_at: int | None
    last_finished_at: int | None
    streak: int  # successes in a row, negative: failures in a row
    command: str
    queue: str
    priority: int
    file: str
    line: int
    missed: int  # starts in a row since a run last began; 0 while the job is disabled
    missed_since: int | None  # when the first of them was due


class MissedStarts(NamedTuple):
    """A job that has `missed` so many starts in a row since a run of it last began; the first was due at `since`."""

    job: str
    missed: int
    since: int


def trouble_of(streak: int, missed: int) -> int:
    """How many starts of a job in a row went wrong up to now: runs that failed, and starts that were missed since."""
    return missed - min(streak, 0)


class JobLabels(NamedTuple):
    """What jobs are chosen by."""

    name: str
    group: str
    tags: tuple[str, ...]


class RemovedJob(NamedTuple):
    """A job that is defined no more, as it was at last. `definition` is its JSON with all defaults resolved.

    Both are None for a name that never was one of a jobs file, and has runs that were given to `exec`.
    """

    row: JobRow
    removed_at: int | None
    definition: str | None


class JobVersion(NamedTuple):
    """What a job was at an instant. `definition` None: it was not defined; `since` None: nor ever before; `until` None:
    it still is so."""

    since: int | None
    until: int | None
    definition: str | None


class JobListing(NamedTuple):
    """Jobs by column, each field a value for every job, as a table shows them: ten thousand JobRow take three times
    as long."""

    names: tuple[str, ...] = ()
    enabled: tuple[bool, ...] = ()  # by the file and by `disable` together
    schedules: tuple[str, ...] = ()
    next_at: tuple[int | None, ...] = ()
    running: tuple[int, ...] = ()
    queued: tuple[int, ...] = ()
    last_statuses: tuple[Status | None, ...] = ()
    last_finished_at: tuple[int | None, ...] = ()
    last_took: tuple[int | None, ...] = ()
    streaks: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    missed: tuple[int, ...] = ()  # as of JobRow


class HistoryFilter(NamedTuple):
    """Which runs, newest first. Empty sequences and None do not restrict."""

    jobs: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    origins: tuple[Origin, ...] = ()
    since: int | None = None
    until: int | None = None
    after_id: int | None = None  # for followers: only runs with a larger id, oldest first
    dead_letters: bool = False
    limit: int = 50
    offset: int = 0


class QueueLoad(NamedTuple):
    """How many runs of a queue are QUEUED and RUNNING."""

    queue: str
    waiting: int
    running: int


class Ends(NamedTuple):
    """How many runs ended in the minute or hour that began at `start`, and how many of them badly."""

    start: int
    ended: int
    bad: int


class AddedRun(NamedTuple):
    """The id of a run and whether it existed already (same job and key, or same slot)."""

    id: int
    existed: bool


class CancelRequest(NamedTuple):
    """Somebody asks a running attempt to stop."""

    run_id: int
    attempt: int
    keeper: str
    signal: int


class Log(NamedTuple):
    """Names the log of one attempt."""

    run_id: int
    number: int


class Pause(NamedTuple):
    """Starts are held: of everything (queue None) or of one queue."""

    queue: str | None
    since: int
    until: int | None
    by: str
    reason: str | None


class Event(NamedTuple):
    """One line of the audit trail."""

    at: int
    actor: str
    action: str
    job: str | None = None
    run_id: int | None = None
    detail: str | None = None


class ServiceInfo(NamedTuple):
    """What the daemon last said of itself. Whether it lives is asked of its lock, not of this."""

    pid: int
    version: str
    started_at: int
    config: str
    reloaded_at: int
    boot_id: str
    clock_epoch: int
    scheduling: bool = True  # False: it starts nothing by itself
    settings: str | None = None  # fingerprints of the settings in force, a JSON object by key
    draining_at: int | None = None  # since then it starts nothing and waits for what runs
    refused: str | None = None  # the problems of a changed jobs file that it did not take, one a line


class ReloadRequest(NamedTuple):
    """A reload that somebody asked for, and how it went (`done_at` None: not yet)."""

    id: int
    requested_at: int
    done_at: int | None
    error: str | None  # the problems of the file, one a line, when it was refused


class DeadMan(NamedTuple):
    """A job that owes a success: at the latest `no_success` seconds after `since` (milliseconds)."""

    job: str
    no_success: float
    known_at: int  # since when there is such a job, without a break
    enabled_at: int | None = None  # when somebody enabled it last
    last_success_at: int | None = None

    @property
    def since(self) -> int:
        """Waiting counts from the last of them."""
        return max(self.known_at, self.enabled_at or 0, self.last_success_at or 0)

    @property
    def overdue_at(self) -> int:
        return self.since + round(1000 * self.no_success)


class WaitingRun(NamedTuple):
    """A queued run, and when it was due."""

    id: int
    due_at: int
