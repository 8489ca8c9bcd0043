"""`jobctl wait`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from jobctl.cli.documents import documents
from jobctl.cli.exit_status import ExitStatus, of_run
from jobctl.cli.invocation import Invocation
from jobctl.cli.named_runs import named_runs
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.live_line import LiveLine
from jobctl.cli.render.live_words import words_of_many, words_of_one
from jobctl.cli.render.words import counted, meaning_of, outcome_words
from jobctl.cli.seconds import seconds
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.errors import TimedOut
from jobctl.operations.progress import with_progress
from jobctl.operations.unstored_end import UnstoredEnds
from jobctl.operations.usual import usual_seconds
from jobctl.operations.wait import wait
from jobctl.operations.waiting import why_it_waits

_IN_SILENCE_MS = 400  # what ends sooner needs no line
_UNFINISHED = ",".join(status.word for status in Status if not status.is_final)


def command(
    ctx: typer.Context,
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs, or their beginnings.")],
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="DURATION", help='Give up after "15m", say; "0s" only asks.')
    ] = None,
) -> int:
    """Wait until runs have ended. For one run the exit status is the job's own, 124 when the timeout comes first."""
    call = invocation(ctx)
    limit = seconds("--timeout", timeout, may_be_zero=True)
    named = named_runs(call, runs, lambda job: f"`jobctl history {job} --status {_UNFINISHED}` shows those to wait for")
    run_ids = [run.id for run in named]
    with WaitLine(call, len(run_ids)) as line:
        waited = wait(call.context, run_ids, limit, line.show)
    if call.json:
        shown = documents(call, waited.runs)
        call.console.print(dumps(shown[0] if len(runs) == 1 else shown))
    for run in waited.runs:
        if run.status.is_final:
            words = call.console.err_style(outcome_words(run), meaning_of(run.status))
            call.console.note(f"{run.job} {to_text(run.id)} {words}")
    if waited.timed_out:
        left = [run for run in waited.runs if not run.status.is_final]
        names = ", ".join(f"{run.job} {to_text(run.id)} ({run.status.word})" for run in left)
        raise TimedOut(
            f"{counted(len(left), 'run')} not ended after {timeout}: {names}",
            "the wait is over, not the run: `jobctl wait` waits on, `jobctl show RUN` tells what it does",
        )
    if len(run_ids) == 1:
        return of_run(waited.runs[0])
    return ExitStatus.DONE if all(run.status is Status.SUCCEEDED for run in waited.runs) else ExitStatus.FAILED


class WaitLine:
    """On a terminal a line that says what is waited for; anywhere what keeps an end from being known."""

    def __init__(self, call: Invocation, total: int) -> None:
        self._call = call
        self._total = total
        self._live = LiveLine(no_color=call.no_color) if call.console.is_watched else None
        self._unstored = UnstoredEnds(call.context)
        self._asked = False
        self._usual: float | None = None
        self._begins_at = call.context.clock.boottime() + _IN_SILENCE_MS

    def __enter__(self) -> WaitLine:
        return self

    def __exit__(self, *exc: object) -> None:
        self._hide()

    def _hide(self) -> None:
        if self._live is not None:
            self._live.hide()

    def show(self, unfinished: Sequence[Run]) -> None:
        """The runs that have not ended; called again and again."""
        context = self._call.context
        for run, words in self._unstored.look(unfinished):
            self._hide()
            self._call.console.note(f"{run.job} {to_text(run.id)} {words}")
        if self._live is None or context.clock.boottime() < self._begins_at:
            return
        runs, now = with_progress(context, unfinished), context.clock.now()
        if self._total > 1:
            self._live.show(words_of_many(runs, self._total, now))
            return
        why = why_it_waits(context, runs[0]) if runs[0].status is Status.QUEUED else None
        if not self._asked:
            self._asked, self._usual = True, usual_seconds(context, runs[0].job)
        self._live.show(words_of_one(runs[0], now, why, self._usual))
