"""Runs that are made of the lines of a file, and what is said of runs that were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from jobctl.cli import request_options
from jobctl.cli.documents import document
from jobctl.cli.invocation import Invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.text import printable
from jobctl.cli.render.words import counted, full_time, status_words
from jobctl.domain.run import Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.request import Request, RunMaker, differ
from jobctl.operations.selection import get_run
from jobctl.store.records import AddedRun

if TYPE_CHECKING:
    from jobctl.operations.enqueue_lines import Enqueued

_AT_ONCE = 1000  # lines that are written together


@contextmanager
def runs_of_lines(
    call: Invocation, job: str, source: str, common: Request, origin: Origin
) -> Iterator[Callable[[], Enqueued]]:
    """What makes a run of the job for each line of a file, or of stdin for `-`: all of them or none. It is read and
    checked by then; bad lines are told as they are met once they are many. UsageError."""
    from jobctl.operations.enqueue_lines import accepted_lines  # files and pickles, which a single run does not need

    tell = None if call.json else lambda sentence: call.console.complain(f"  {printable(sentence)}")
    with (
        closing(request_options.open_lines(source)) as lines,
        accepted_lines(call.context, job, lines, common, origin, tell) as make,
    ):
        yield make


def print_made(call: Invocation, job: str, made: Enqueued) -> None:
    """The runs of lines that are not waited for, and why they do not start at once, if there is a reason."""
    from jobctl.operations.obstacle import general_hold  # as below

    print_runs(call, made.run_ids, as_list=True)
    tell_made(call, job, made)
    if len(made.run_ids) == made.existed:
        return
    if call.context.daemon_pid is None:
        call.console.note("no daemon is running: they start when one does")
    elif (hold := general_hold(call.context)) is not None:
        call.console.note(f"they wait: {hold}")


def tell_made(call: Invocation, job: str, made: Enqueued) -> None:
    """How many runs there are of the lines, and what was there before."""
    existed = f", {made.existed:,} of them existed already" if made.existed else ""
    existed += f", {made.differing:,} with other params, which stay" if made.differing else ""
    call.console.note(f"{counted(len(made.run_ids), 'run')} of {job}{existed}")


def print_runs(call: Invocation, run_ids: Sequence[int], *, as_list: bool) -> None:
    """The ids, which are durable by now, a line each; with --json the runs, one alone unless `as_list`."""
    if not call.json:
        ids = iter(run_ids)
        while block := [to_text(run_id) for run_id in islice(ids, _AT_ONCE)]:
            call.console.print("\n".join(block))
    elif as_list:
        separators = ["[", *[", "] * (len(run_ids) - 1)] if run_ids else []
        for separator, run_id in zip(separators, run_ids, strict=True):
            call.console.print(separator + dumps(document(call, get_run(call.context, run_id))), end="")
        call.console.print("]" if run_ids else "[]")
    else:
        call.console.print(dumps(document(call, get_run(call.context, run_ids[0]))))


def tell_existing(call: Invocation, added: Sequence[AddedRun], request: Request) -> None:
    """Which runs the --id had made before, and whether with other params: nothing was added for them."""
    for run in (get_run(call.context, one.id) for one in added if one.existed):
        call.console.note(f"{run.job} {request.key} exists already: {to_text(run.id)} {status_words(run.status)}")
        if differ(run, RunMaker(call.context, run.job, run.origin).order(request)):
            call.console.note(f"it has other params than these, and keeps them (`jobctl show {to_text(run.id)}`)")


def tell_following(call: Invocation, run_id: int) -> None:
    """Which runs come after one that has ended and wait for a daemon; with a daemon they are its business."""
    if call.context.daemon_pid is not None:
        return
    for run in call.context.store.chains.children(run_id, _AT_ONCE):
        if not run.status.is_final:
            call.console.note(
                f"{run.job} {to_text(run.id)} comes after it: no daemon is running, it starts when one does"
            )


def tell_waiting(call: Invocation, run_id: int) -> None:
    """Why a run that was just made does not start at once, if there is a reason."""
    from jobctl.operations.obstacle import general_hold  # pauses and limits, where nobody waits for the run

    run = get_run(call.context, run_id)
    if run.status is Status.SCHEDULED:
        call.console.note(f"it starts not before {full_time(run.due_at)}")
    if run.status.is_final:
        return
    if call.context.daemon_pid is None:
        call.console.note("no daemon is running: it starts when one does")
    elif (hold := general_hold(call.context)) is not None:
        call.console.note(f"it waits: {hold}")
