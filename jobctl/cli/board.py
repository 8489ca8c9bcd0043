"""What a person sees of the runs that `jobctl run` follows: their output on stdout, the story on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from jobctl.cli.interrupts import Interrupts
from jobctl.cli.invocation import Invocation
from jobctl.cli.made_runs import tell_following
from jobctl.cli.outlet import Outlet
from jobctl.cli.render.console import discard
from jobctl.cli.render.live_line import LiveLine
from jobctl.cli.render.live_words import words_of_many, words_of_one
from jobctl.cli.render.prefixed import Prefixed
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.words import meaning_of, outcome_words, took
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.operations.following import Watcher
from jobctl.operations.progress import with_progress
from jobctl.operations.usual import usual_seconds

_AT_REST_MS = 100  # nothing was written for so long: the line at the bottom may come back
_IN_SILENCE_MS = 400  # what ends sooner needs no such line
_SHOWN_EVERY_MS = 100  # for all runs together: the words are made of all that are left


class Board:
    """Shows runs together. To be entered; leaving clears the terminal of what moves."""

    def __init__(self, call: Invocation, interrupts: Interrupts, runs: Sequence[Run]) -> None:
        self._call = call
        self._console = call.console
        self._interrupts = interrupts
        self._heeded = interrupts.count
        self._stream = sys.stderr if call.json else sys.stdout
        self._target = self._stream.buffer
        self._outlet = Outlet(self._target, lambda: not interrupts.count)
        self._in_line = False
        self._runs = runs
        self._left = {run.id: run for run in runs}
        self._count = len(self._left)
        self._head = _head_of(runs)
        self._usual: dict[str, float | None] = {}
        self._live = LiveLine(no_color=call.no_color) if self._console.is_watched else None
        self._written_at = call.context.clock.boottime() + _IN_SILENCE_MS - _AT_REST_MS
        self._shown_at = self._written_at - _SHOWN_EVERY_MS

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *exc: object) -> None:
        self._hide()

    @property
    def is_live(self) -> bool:
        """Whether a line at the bottom says what runs wait for."""
        return self._live is not None

    def watch(self, execute: Callable[[Mapping[int, Watcher]], Iterator[Run]]) -> list[Run]:
        """The runs when all have ended, in their order; one that is there twice is watched once."""
        watched = {run.id: _Watched(self, run, self._prefix(run)) for run in self._left.values()}
        for run in self._left.values():
            self.note(f"{run.job} {to_text(run.id)}")
        ended: dict[int, Run] = {}
        for run in execute(watched):
            watched[run.id].ended(run)
            tell_following(self._call, run.id)
            ended[run.id] = run
            del self._left[run.id]
        return [ended[run.id] for run in self._runs]

    def _prefix(self, run: Run) -> bytes | None:
        if self._count == 1:
            return None
        head = f"{self._head(run)} |"
        style = self._console.err_style if self._call.json else self._console.style
        return f"{style(head, Meaning.FAINT)} ".encode()

    def note(self, text: str) -> None:
        """A sentence of the story, on a line of its own."""
        self._hide()
        self._finish_line()
        self._console.note(text)

    def write(self, data: bytes) -> None:
        """Output of a run."""
        if self._target.isatty():
            self._hide()
            self._written_at = self._call.context.clock.boottime()
        self._in_line = not data.endswith(b"\n")
        try:
            self._outlet.write(data)
        except BrokenPipeError:
            discard(self._stream)  # whoever read has seen enough; the run goes on, and so does what is said about it

    def _finish_line(self) -> None:
        """What is said about the run does not go on in the last line of its output, where a person reads both."""
        if self._in_line and self._target.isatty() and sys.stderr.isatty():
            self.write(b"\n")

    def see(self, run: Run, why: str | None) -> None:
        """Renew the line at the bottom, where there is one and nothing is being written."""
        self._left[run.id] = run
        if self._live is None or (self._in_line and self._target.isatty()):
            return
        instant = self._call.context.clock.boottime()
        if instant - self._written_at < _AT_REST_MS or instant - self._shown_at < _SHOWN_EVERY_MS:
            return
        self._live.show(self._words(why))
        self._shown_at = instant

    def _words(self, why: str | None) -> str:
        now, left = self._call.context.clock.now(), with_progress(self._call.context, self._left.values())
        if self._count > 1:
            return words_of_many(left, self._count, now)
        [run] = left
        return words_of_one(run, now, why, self._usual_of(run.job))

    def _usual_of(self, job: str) -> float | None:
        if job not in self._usual:
            self._usual[job] = usual_seconds(self._call.context, job)
        return self._usual[job]

    def _hide(self) -> None:
        if self._live is not None:
            self._live.hide()

    def interrupts(self) -> int:
        count = self._interrupts.count
        if count > self._heeded:
            self._heeded = count
            if count == 1:
                self.note("cancelling; press Ctrl-C again to leave it at once")
        return count

    def ended(self, run: Run) -> None:
        words, reason = outcome_words(run), run.reason or ""
        if reason.startswith(words):  # `cancelled by ann`
            words, reason = reason, ""
        duration = took(run.started_at, run.finished_at)
        words = self._console.err_style(words, meaning_of(run.status)) + (f" after {duration}" if duration else "")
        self.note(f"{run.job} {to_text(run.id)} {words}{f': {reason}' if reason else ''}")

    def retries(self, run: Run, name: str) -> None:
        wait = format_duration(max(0, run.due_at - self._call.context.clock.now()) / 1000)
        reason = f" ({run.reason})" if run.reason else ""
        self.note(f"{name}attempt {run.attempt} of {run.max_attempts} failed{reason}, the next one in {wait}")


def _head_of(runs: Sequence[Run]) -> Callable[[Run], str]:
    """What heads the output of each of them: its job, or its id where all are of one job."""
    jobs = {run.job for run in runs}
    if len(jobs) == 1:
        return lambda run: to_text(run.id)
    width = max(map(len, jobs), default=0)
    return lambda run: run.job.ljust(width)


class _Watched:
    """One of the runs: a Watcher."""

    def __init__(self, board: Board, run: Run, prefix: bytes | None) -> None:
        self._board = board
        self._name = "" if prefix is None else f"{run.job} {to_text(run.id)} "
        self._lines = None if prefix is None else Prefixed(prefix)

    def output(self, data: bytes) -> None:
        if whole := data if self._lines is None else self._lines.feed(data):
            self._board.write(whole)

    def waits(self, run: Run, why: str) -> None:
        if not self._board.is_live:
            self._board.note(f"{run.job} {to_text(run.id)} waits: {why}")

    def retries(self, run: Run) -> None:
        self._board.retries(run, self._name)

    def looked(self, run: Run, why: str | None) -> None:
        self._board.see(run, why)

    def unstored(self, run: Run, words: str) -> None:
        self._board.note(f"{run.job} {to_text(run.id)} {words}")

    def unheard(self, run: Run, reason: str) -> None:
        self._board.note(f"{run.job} {to_text(run.id)} its heartbeat did not arrive: {reason}")

    def interrupts(self) -> int:
        return self._board.interrupts()

    def ended(self, run: Run) -> None:
        """The run has ended; its last line is given out."""
        if self._lines is not None and (rest := self._lines.flush()):
            self._board.write(rest)
        self._board.ended(run)
