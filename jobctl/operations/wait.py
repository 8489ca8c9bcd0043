"""Runs awaited until they end, and what that wait does where no daemon lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import DaemonUnavailable
from jobctl.operations.context import Context
from jobctl.operations.pace import Pace
from jobctl.operations.selection import get_run
from jobctl.operations.service_places import start_command
from jobctl.operations.settlement import settle_abandoned

# A daemon that restarts is back by then; one that was never there need not be waited for longer.
_ABSENCE_MS = 2_000


class Absence:
    """What becomes of runs while no daemon lives: ended attempts are settled, and waiting in vain is refused."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._since: int | None = None

    def mind(self, run: Run) -> None:
        """Call it at every look at an unfinished run. DaemonUnavailable when the run cannot get on without one."""
        if self._ctx.daemon_pid is not None:
            self._since = None
            return
        if run.status is Status.RUNNING:
            self._since = None
            settle_abandoned(self._ctx, run.id)
            return
        now = self._ctx.clock.boottime()
        self._since = now if self._since is None else self._since
        due_in = run.due_at - self._ctx.clock.now() if run.status is Status.RETRYING else 0
        if now - self._since >= _ABSENCE_MS + max(0, due_in):
            raise DaemonUnavailable(
                f"{run.job} {to_text(run.id)} is {run.status.word} and no daemon is running to start it",
                f"start one with `{start_command(self._ctx.places.jobs_file)}`; the run is kept until then",
            )


@dataclass(frozen=True, slots=True)
class Waited:
    """The runs as they are at the end of the wait, and whether that came too soon."""

    runs: list[Run]
    timed_out: bool


def wait(
    ctx: Context,
    run_ids: Sequence[int],
    timeout: float | None,
    looked: Callable[[Sequence[Run]], None] = lambda unfinished: None,
) -> Waited:
    """Until all have ended, or for `timeout` seconds; `looked` is called several times a second with those that have
    not. DaemonUnavailable when one of them cannot get on without."""
    deadline = None if timeout is None else ctx.clock.boottime() + round(1000 * timeout)
    runs = {run_id: get_run(ctx, run_id) for run_id in run_ids}
    absences = {run_id: Absence(ctx) for run_id in run_ids}
    pace = Pace()
    while unfinished := [run for run in runs.values() if not run.status.is_final]:
        if deadline is not None and ctx.clock.boottime() >= deadline:
            return Waited(list(runs.values()), timed_out=True)
        looked(unfinished)
        alone = ctx.daemon_pid is None
        for run in unfinished:
            absences[run.id].mind(run)
        pace.rest()
        if alone or ctx.store.changed():
            runs |= {run.id: get_run(ctx, run.id) for run in unfinished}
    return Waited(list(runs.values()), timed_out=False)
