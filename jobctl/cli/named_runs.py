"""Runs that a verb is told to act on, and the lines that say what became of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated

import typer

from jobctl.cli.documents import print_documents
from jobctl.cli.invocation import Invocation
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.errors import NotFound
from jobctl.operations.history import jobs_of_history
from jobctl.operations.selection import find_run
from jobctl.operations.stored_runs import Runs

RunIds = Annotated[list[str] | None, typer.Argument(metavar="RUN...", help="Ids of runs, or their beginnings.")]


def named_runs(call: Invocation, texts: Sequence[str], instead: Callable[[str], str]) -> list[Run]:
    """The runs, each once, in the order in which they are named. NotFound for one that is not there; where a job is
    named, `instead` says of the word as a shell takes it what to write."""
    return list({run.id: run for run in (_named_run(call, text, instead) for text in texts)}.values())


def _named_run(call: Invocation, text: str, instead: Callable[[str], str]) -> Run:
    try:
        return find_run(call.context, text)
    except NotFound as error:
        try:
            jobs = jobs_of_history(call.context, [text], None, None)
        except NotFound:
            raise error from None
        what = "is a job" if jobs == (text,) else "means jobs"
        raise NotFound(f"`{text}` {what}, no run", instead(shlex.quote(text))) from None


def show_changed(call: Invocation, runs: Runs | Iterable[Run], words: str, nothing: str) -> None:
    """A line for each run as it comes, or its document with --json; `nothing` on stderr when there is none."""
    changed = _Counted(runs)
    if call.json:
        print_documents(call, changed)
    else:
        for run in changed:
            call.console.print(f"{run.job} {to_text(run.id)} {words}")
    if not changed.count:
        call.console.note(nothing)


class _Counted:
    """Runs that are walked over once, and how many there were."""

    def __init__(self, runs: Runs | Iterable[Run]) -> None:
        self._runs = runs
        self.count = 0

    def __iter__(self) -> Iterator[Run]:
        for run in self._runs:
            self.count += 1
            yield run
