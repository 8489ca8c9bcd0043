"""`exec`: a command that somebody else fires, executed now under a keeper of its own and kept as a run.

The command comes first. Whatever keeps jobctl from recording it is raised as NotRecorded before the command was
started, so that the caller can run it bare; once it was started, nothing but its own end decides the exit status.
Neither is any daemon asked: the run is made and claimed in one commit, and ended by this call; a daemon looks after it
only when this call was killed.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from jobctl.domain.outcome import AttemptEnd, lost_end
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.exec_admission import Admission, Claim, Standing, standing_of
from jobctl.operations.pace import Pace
from jobctl.operations.recording import CalledOff, NotRecorded, Overlapped, patient, recording, words_of
from jobctl.operations.settlement import settle
from jobctl.process.command_line import exec_spec
from jobctl.process.equipment import AttemptPlaces
from jobctl.process.forwarding import Forwarding
from jobctl.process.passage import Passage
from jobctl.process.pool import Pool
from jobctl.process.problem import LaunchProblem
from jobctl.process.recovery_view import Fate, inspect
from jobctl.process.reports import Died, Ended, NotStarted, Started


class Execution:
    """One command from its admission to its end."""

    def __init__(
        self, ctx: Context, job: str, passage: Passage, pool: Pool, forwarding: Forwarding, tell: Callable[[str], None]
    ) -> None:
        """`pool` has one keeper, which may not be ready yet. `tell` gets sentences for the caller that are no output of
        the command."""
        self._ctx = ctx
        self._job = job
        self._passage = passage
        self._pool = pool
        self._forwarding = forwarding
        self._tell = tell
        self.is_cut_short = False  # the caller's stdout or stderr could not take all of the output

    def run(self, argv: Sequence[str], env: Mapping[str, str]) -> AttemptEnd:
        """How the command ended. NotRecorded, Overlapped, CalledOff: it was not started."""
        _refuse_closed_folder()
        with recording():
            with patient():
                standing = standing_of(self._ctx, self._job, self._tell)
            claim = self._claim(standing)
        end = self._execute(claim, standing, argv, env)
        self._conclude(claim, standing, end)
        return end

    def _claim(self, standing: Standing) -> Claim:
        keeper = self._pool.reserve()
        try:
            return Admission(self._ctx, self._job, standing, self._forwarding, self._tell).claim(keeper, patient)
        except (Overlapped, CalledOff):
            self._pool.release(keeper)
            raise

    def _execute(self, claim: Claim, standing: Standing, argv: Sequence[str], env: Mapping[str, str]) -> AttemptEnd:
        here = self._ctx.places
        log_path = here.log_path(claim.run.id, claim.number)
        places = AttemptPlaces(here.jobs_file, here.state_dir)
        with self._forwarding.of_stops():  # from before it runs: a stop right after its start is its, too
            try:
                with recording():
                    spec = exec_spec(claim.run, claim.token, places, standing.bounds, argv, env)
                    self._passage.begin(log_path, spec.max_log_size)
                    self._pool.start(claim.keeper, spec)
            except NotRecorded:
                self._withdraw(claim)
                raise
            except LaunchProblem as problem:
                now = self._ctx.clock.now()
                self._pool.release(claim.keeper)
                return AttemptEnd(claim.token, now, now, exit_code=problem.exit_code, error=problem.message)
            return self._attend(claim)

    def _pass_on(self, keeper: str, number: int) -> None:
        """A stop is passed on as one that cannot be refused: the kernel does not let SIGTSTP stop a group such as the
        command's, which is alone in its session."""
        if number != signal.SIGTSTP:
            self._pool.pass_on(keeper, number)
            return
        self._pool.pass_on(keeper, signal.SIGSTOP)
        if not self._forwarding.stop_here():
            self._pool.pass_on(keeper, signal.SIGCONT)

    def _attend(self, claim: Claim) -> AttemptEnd:
        while True:
            select.select([self._pool.fileno(), self._forwarding.fileno()], [], [])
            for number in self._forwarding.take():
                self._pass_on(claim.keeper, number)
            for report in self._pool.receive(self._ctx.clock.now()):
                if isinstance(report, Started):
                    with suppress(Exception), patient():  # it runs, whether the store knows its pid or not
                        self._ctx.store.attempts.started(claim.run.id, claim.number, claim.token, report.pid)
                elif isinstance(report, Ended):
                    return report.end
                elif isinstance(report, NotStarted):
                    self._withdraw(claim)
                    raise NotRecorded(report.reason)
                elif isinstance(report, Died):
                    return self._ask_after(claim)

    def _ask_after(self, claim: Claim) -> AttemptEnd:
        """The keeper is gone: its record and the processes of the command tell what became of it."""
        pace = Pace()
        while True:
            run_id, keepers = to_text(claim.run.id), self._ctx.places.keepers_dir
            found = inspect(keepers, claim.keeper, claim.token, run_id, claim.number)
            if found.fate is Fate.NEVER_STARTED:
                self._withdraw(claim)
                raise NotRecorded("its keeper was killed before it began")
            if found.fate is Fate.ENDED and found.end is not None:
                return found.end
            if found.fate is Fate.LOST:
                return lost_end(claim.token, claim.run.started_at, self._ctx.clock.now())
            pace.rest()

    def _conclude(self, claim: Claim, standing: Standing, end: AttemptEnd) -> None:
        """Write the end down. What cannot be written now is in the keeper's record, for the next who asks."""
        copied = self._passage.finish(self._forwarding.fileno())
        if copied.refused:
            self.is_cut_short = True
            self._tell(f"the output could not be written: {os.strerror(copied.refused)}")
        if copied.error:
            self._tell(f"the log of run {to_text(claim.run.id)} is incomplete: {os.strerror(copied.error)}")
        try:
            with patient():
                settle(self._ctx, claim.run, claim.number, standing.policy, end._replace(log_bytes=copied.kept))
        except Exception as error:
            self._tell(f"the end of run {to_text(claim.run.id)} is not written down yet: {words_of(error)}")
            return
        self._pool.settled(claim.keeper)
        self._ctx.ring()

    def _withdraw(self, claim: Claim) -> None:
        with suppress(Exception), patient():  # recovery says the same of an attempt that never began
            self._ctx.store.attempts.withdraw(claim.run.id, claim.number, claim.token, self._ctx.clock.now())


def _refuse_closed_folder() -> None:
    """NotRecorded where the caller became somebody who may not enter the folder it is in: only in its own place can
    something be executed there."""
    if not os.access(".", os.X_OK, effective_ids=True):
        raise NotRecorded("its folder is closed to the user that it is called as")
