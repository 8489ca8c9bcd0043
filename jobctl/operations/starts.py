"""What is going to start: a slot of a job, or a run that exists and waits for its time."""

from typing import NamedTuple

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text


class Start(NamedTuple):
    """Something that is going to start at `at` (milliseconds), told on the clock of `zone` (None: the reader's).
    `run_id` for a run that exists already and waits."""

    at: int
    job: str
    zone: str | None
    reason: str
    run_id: int | None = None


def start_of(run: Run, zone: str | None) -> Start:
    """The start of a SCHEDULED or RETRYING run, with what it is."""
    return Start(run.due_at, run.job, zone, _why(run), run.id)


def clock_triggers(schedule: str) -> str:
    """A job's schedule without what no clock does: starts with the daemon or the machine, and after other jobs."""
    return "; ".join(part for part in schedule.split("; ") if not part.startswith(("on_start", "on_boot", "after")))


def _why(run: Run) -> str:
    if run.status is Status.RETRYING:
        return f"attempt {run.attempt + 1} of {run.max_attempts} of run {to_text(run.id)}"
    return f"run {to_text(run.id)}, put off until then"
