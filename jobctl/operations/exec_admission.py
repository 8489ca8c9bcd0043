"""Whether a command that is fired by somebody else may run now, and the run that it becomes.

The run is made and claimed in one commit: one that waited in the store would be started by a daemon, which does not
have the command.
"""

import os
import select
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from jobctl.domain.admission import overlap_reason
from jobctl.domain.outcome import signal_name
from jobctl.domain.policies import Bounds, Limits, Overlap, RetryPolicy
from jobctl.domain.retry import policy_from
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import JobsFileError
from jobctl.operations.context import Context, actor
from jobctl.operations.definitions import ensure_current
from jobctl.operations.recording import CalledOff, Overlapped
from jobctl.operations.settlement import settle_all_abandoned
from jobctl.operations.starting_daemon import await_no_more
from jobctl.presence import is_there
from jobctl.process.forwarding import Forwarding

_LOOK_SECONDS = 0.5  # at what the store says of the runs in the way
_UNBOUND, _PLAIN = Bounds(), RetryPolicy()
Guard = Callable[[], AbstractContextManager[None]]


class Standing(NamedTuple):
    """What holds for a call: that of the job where the name is one of the jobs file, else nothing but the defaults of
    a bare command. `max_concurrent` None: any number at once."""

    bounds: Bounds = _UNBOUND
    policy: RetryPolicy = _PLAIN
    overlap: Overlap = Overlap.ALLOW
    max_concurrent: int | None = None
    priority: int = 5
    queue: str = "default"


class Claim(NamedTuple):
    """A run, RUNNING, whose first attempt is ours."""

    run: Run
    token: bytes
    keeper: str
    number: int = 1


def standing_of(ctx: Context, name: str, tell: Callable[[str], None]) -> Standing:
    """What the jobs file says of the name; a file that cannot be used now is told of, and what it said before holds.
    While a daemon starts that is what it has loaded by now: the command comes first."""
    await_no_more(ctx)
    try:
        ensure_current(ctx)
    except JobsFileError as error:
        if is_there(ctx.places.jobs_file):
            first = error.message.split("\n")[0]
            tell(f"the jobs file cannot be used, what it said before holds: {first} (`jobctl check`)")
        elif ctx.only_file_named:
            tell(f"there is no jobs file {ctx.places.jobs_file}: the run is kept in {ctx.places.state_dir}")
    definition = ctx.store.jobs.definition(name)
    if definition is None:
        return Standing()
    import json  # as in `policy_from`

    keys: dict[str, Any] = json.loads(definition)
    return Standing(
        bounds=Bounds(Limits(**keys["limits"]), keys["timeout"], keys["grace"], keys["max_log_size"]),
        policy=policy_from(definition),
        overlap=Overlap(keys["overlap"]),
        max_concurrent=keys["max_concurrent"],
        priority=keys["priority"],
        queue=keys["queue"],
    )


class Admission:
    """The wait for the claim of one call."""

    def __init__(
        self, ctx: Context, job: str, standing: Standing, forwarding: Forwarding, tell: Callable[[str], None]
    ) -> None:
        self._ctx = ctx
        self._job = job
        self._standing = standing
        self._forwarding = forwarding
        self._tell = tell
        self._waits = False
        self._asked: set[int] = set()  # runs that were asked to make room

    def claim(self, keeper: str, patient: Guard) -> Claim:
        """The claim, as soon as `overlap` and `max_concurrent` of the job let it be. Overlapped, CalledOff; what the
        store raises. `patient` is entered for each look at the store."""
        while True:
            with patient():
                in_the_way = self._look(keeper)
            if isinstance(in_the_way, Claim):
                return in_the_way
            self._wait(in_the_way, patient)

    def _look(self, keeper: str) -> Claim | Run:
        """The claim, or the run that has to end first."""
        if self._waits and self._ctx.daemon_pid is None:
            settle_all_abandoned(self._ctx)  # nobody else would say that it is over
        skipped, stopping = None, list[int]()
        with self._ctx.store.transaction(locked=True):
            active = self._ctx.store.runs.active(self._job)
            in_the_way = self._in_the_way(active)
            if in_the_way is None:
                return self._begin(keeper)
            if self._standing.overlap is Overlap.SKIP:
                skipped = self._skip(reason := overlap_reason(in_the_way))
            elif self._standing.overlap is Overlap.REPLACE:
                stopping = self._replace(active)
        if stopping and self._ctx.daemon_pid is None:
            self._stop(stopping)
        if skipped is not None:
            self._ctx.ring()
            hint = f"the job's `overlap` decides that; run {to_text(skipped)} keeps the reason"
            raise Overlapped(f"{self._job} was not started: {reason}", hint)
        return in_the_way

    def _stop(self, run_ids: list[int]) -> None:
        from jobctl.operations.cancel import stop_without_daemon  # and what follows runs, where one has to make room

        for run_id in run_ids:
            stop_without_daemon(self._ctx, run_id, signal.SIGTERM)

    def _in_the_way(self, active: list[Run]) -> Run | None:
        limit, overlap = self._standing.max_concurrent, self._standing.overlap
        if limit is None or not active:
            return None
        if overlap is Overlap.ALLOW:
            running = [run for run in active if run.status is Status.RUNNING]
            return running[0] if len(running) >= limit else None
        return active[0]

    def _begin(self, keeper: str) -> Claim:
        now, token = self._ctx.clock.now(), os.urandom(16)
        run_id = self._ctx.store.runs.add(self._new_run(Status.QUEUED, now)).id
        number = self._ctx.store.attempts.begin(run_id, token, keeper, now)
        run = self._ctx.store.runs.get(run_id)
        assert number == 1  # nobody else has seen it
        assert run is not None
        return Claim(run, token, keeper)

    def _skip(self, reason: str) -> int:
        new = self._new_run(Status.SKIPPED, self._ctx.clock.now())._replace(reason=reason)
        return self._ctx.store.runs.add(new).id

    def _new_run(self, status: Status, now: int) -> NewRun:
        return NewRun(
            job=self._job,
            origin=Origin.EXEC,
            status=status,
            created_at=now,
            due_at=now,
            priority=self._standing.priority,
            queue=self._standing.queue,
        )

    def _replace(self, active: list[Run]) -> list[int]:
        """Ask those in the way to make room, each once; the ids of those that run."""
        asked = {run.id: run.status for run in active if run.id not in self._asked}
        for run_id in asked:
            self._ctx.store.runs.request_cancel(run_id, signal.SIGTERM, actor(), self._ctx.clock.now())
        self._asked |= asked.keys()
        return [run_id for run_id, status in asked.items() if status is Status.RUNNING]

    def _wait(self, in_the_way: Run, patient: Guard) -> None:
        if not self._waits:
            self._waits = True
            self._tell(f"waits: {overlap_reason(in_the_way).removeprefix('overlap: ')}")
            self._ctx.ring()
        select.select([self._forwarding.fileno()], [], [], _LOOK_SECONDS)
        for number in self._forwarding.take():
            with patient():
                self._skip(f"{signal_name(number)} came while it waited for run {to_text(in_the_way.id)}")
            raise CalledOff(f"{self._job} was not started: {signal_name(number)} came while it waited", number)
