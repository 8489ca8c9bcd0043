"""Runs watched until they end. Whoever waits asks the store; the daemon, or another verb, does the work."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobctl.domain.admission import HELD_FOR_LOAD
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import Interrupted, NotFound
from jobctl.operations.context import Context, actor
from jobctl.operations.obstacle import obstacle
from jobctl.operations.pace import Pace
from jobctl.operations.secrecy import masker_of
from jobctl.operations.selection import get_run
from jobctl.operations.unstored_end import UnstoredEnds
from jobctl.operations.wait import Absence
from jobctl.operations.waiting import why_it_waits
from jobctl.process.output import LogReader

if TYPE_CHECKING:
    from jobctl.domain.masking import Masker

_QUEUED_IN_SILENCE_MS = 300
_DAEMON_IN_SILENCE_MS = 3_000
_PIECES_AT_ONCE = 256  # of 64 KiB: a command may write faster than they can be shown, and Ctrl-C is to be heeded
_LOGS_KEPT_OPEN = 64  # of runs that are followed together; of more a log is open only while it is read
_ASKED_WHY_AT_MOST = 20  # of those runs that are left; the reasons of the others are much the same
_TOLD_AGAIN_MS = 5_000  # the reason of a run that waits behind many changes with each that starts


class Watcher(Protocol):
    """Who looks at a run that is being followed."""

    def output(self, data: bytes) -> None:
        """What the command wrote since the last call."""
        ...

    def waits(self, run: Run, why: str) -> None:
        """The run is held up; called when the reason changes."""
        ...

    def retries(self, run: Run) -> None:
        """An attempt failed and another one follows."""
        ...

    def looked(self, run: Run, why: str | None) -> None:
        """The run as it is at each look, several times a second; and why it waits, once that was told."""
        ...

    def unstored(self, run: Run, words: str) -> None:
        """Something keeps the daemon from storing the end of the run, which looks as if it went on."""
        ...

    def unheard(self, run: Run, reason: str) -> None:
        """The heartbeat of a run that this process executed did not arrive."""
        ...

    def interrupts(self) -> int:
        """How often Ctrl-C was pressed so far. The first cancels the run, the second leaves it."""
        ...


class Follower:
    """One run on its way to its end."""

    def __init__(
        self, ctx: Context, run_id: int, watcher: Watcher, held_by: Callable[[Run], str | None] | None = None
    ) -> None:
        """`held_by` says why the run waits while no daemon lives."""
        self._ctx = ctx
        self._run_id = run_id
        self._watcher = watcher
        self._held_by = held_by or (lambda run: obstacle(ctx, run))
        self._log: LogReader | None = None
        self._read_up_to = 0  # in the log, while that is put down
        self._closing = contextlib.ExitStack()
        self._masker: Masker | None = None
        self._knows_secrets = False  # asked with the first output of an attempt
        self._attempt = 0
        self._cancelled = False
        self._told_why: str | None = None
        self._told_at = -_TOLD_AGAIN_MS
        self._told_attempt = 0
        self._queued_since: int | None = None
        self._unstored = UnstoredEnds(ctx)

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the log."""
        self._closing.close()
        self._log, self._read_up_to = None, 0

    def put_down(self) -> None:
        """Close the log until the next look, which goes on where this one has ended."""
        position = self._read_up_to if self._log is None else self._log.position
        self.close()
        self._read_up_to = position

    def look(self, *, asks_why: bool = True) -> Run:
        """Pass on the new output, heed Ctrl-C, and return the run as it is. Interrupted at the second Ctrl-C.
        `asks_why`: find out what is in the way of one that waits."""
        run = get_run(self._ctx, self._run_id)  # before the output: that of an ended run is complete then
        if self.is_called_off and not run.status.is_final:
            cancel_all(self._ctx, [self.call_off()])
        if self._watcher.interrupts() > 1 and not run.status.is_final:
            raise Interrupted(
                f"left {run.job} {to_text(run.id)} while it was being stopped",
                f"`jobctl wait {to_text(run.id)}` waits for its end",
            )
        self._stream(run)
        self._tell(run, asks_why)
        self._watcher.looked(run, self._told_why)
        return run

    @property
    def is_called_off(self) -> bool:
        """Whether Ctrl-C was pressed and the run is not cancelled for it yet."""
        return not self._cancelled and self._watcher.interrupts() > 0

    def call_off(self) -> int:
        """The run, whose end is asked for by who calls this; once."""
        self._cancelled = True
        return self._run_id

    def _stream(self, run: Run) -> None:
        for number in range(max(1, self._attempt), run.attempt + 1):
            if number != self._attempt:
                self._show(b"", final=True)
                self.close()
                self._attempt, self._masker, self._knows_secrets = number, None, False
            if self._log is None:
                self._open(self._ctx.places.log_file(run.id, number))
            if self._log is None:
                continue
            is_complete = number < run.attempt or run.status.is_final
            for data in islice(iter(self._log.read, b""), None if is_complete else _PIECES_AT_ONCE):
                if not self._knows_secrets:
                    self._masker, self._knows_secrets = masker_of(self._ctx, run.job), True
                self._show(data)
        if run.status.is_final:
            self._show(b"", final=True)

    def _show(self, data: bytes, *, final: bool = False) -> None:
        if self._masker is not None:
            data = self._masker.feed(data, final=final)
        if data:
            self._watcher.output(data)

    def _open(self, path: Path) -> None:
        # The keeper makes it in a moment, unless the command cannot even be executed.
        with contextlib.suppress(NotFound):
            self._log = self._closing.enter_context(LogReader(path, self._read_up_to))

    def _tell(self, run: Run, asks_why: bool) -> None:
        if run.status is Status.RETRYING and self._told_attempt != run.attempt:
            self._told_attempt = run.attempt
            self._watcher.retries(run)
        for _, words in self._unstored.look([run] if asks_why else []):
            self._watcher.unstored(run, words)
        if run.status is not Status.QUEUED:
            self._queued_since = self._told_why = None
            return
        now = self._ctx.clock.boottime()
        self._queued_since = now if self._queued_since is None else self._queued_since
        if asks_why and now - self._queued_since >= _QUEUED_IN_SILENCE_MS:
            why = self._why(run, now - self._queued_since)
            if why is None:
                self._told_why = None
                return
            gist = HELD_FOR_LOAD if why.startswith(HELD_FOR_LOAD) else why  # the figures in it change all the time
            if gist != self._told_why and now - self._told_at >= _TOLD_AGAIN_MS:
                self._watcher.waits(run, why)
                self._told_why, self._told_at = gist, now

    def _why(self, run: Run, waited: int) -> str | None:
        if self._ctx.daemon_pid is None:
            return self._held_by(run)
        why = why_it_waits(self._ctx, run)
        return "for the daemon" if why is None and waited >= _DAEMON_IN_SILENCE_MS else why


def cancel_all(ctx: Context, run_ids: Iterable[int]) -> None:
    """Cancel the runs in one commit, however many they are."""
    with ctx.store.transaction():
        for run_id in run_ids:
            ctx.store.runs.request_cancel(run_id, signal.SIGTERM, actor(), ctx.clock.now())
    ctx.ring()


def follow(ctx: Context, run_id: int, watcher: Watcher) -> Run:
    """The run when it has ended, its output passed on meanwhile."""
    return next(follow_all(ctx, {run_id: watcher}))


def follow_all(ctx: Context, watchers: Mapping[int, Watcher]) -> Iterator[Run]:
    """Each of the runs when it has ended, the output of all passed on meanwhile. The first Ctrl-C cancels all of them;
    Interrupted at the second."""
    pace, absences = Pace(), {run_id: Absence(ctx) for run_id in watchers}
    with contextlib.ExitStack() as closing:
        left = {run_id: closing.enter_context(Follower(ctx, run_id, watchers[run_id])) for run_id in watchers}
        while True:
            for place, (run_id, follower) in enumerate(list(left.items())):
                if follower.is_called_off:
                    cancel_all(ctx, [other.call_off() for other in left.values() if other.is_called_off])
                run = follower.look(asks_why=place < _ASKED_WHY_AT_MOST)
                if run.status.is_final:
                    left.pop(run_id).close()
                    yield run
                    continue
                absences[run_id].mind(run)
                if len(watchers) > _LOGS_KEPT_OPEN:
                    follower.put_down()
            if not left:
                return
            pace.rest()
