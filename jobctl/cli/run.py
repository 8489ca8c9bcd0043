"""`jobctl run`: a run now. Its output on stdout, its exit status the job's own; everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from jobctl.cli.chosen import chosen_jobs
from jobctl.cli.exit_status import ExitStatus, of_run
from jobctl.cli.interrupts import Interrupts
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps, run_document
from jobctl.cli.render.words import meaning_of, outcome_words, took
from jobctl.domain.run import Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.operations.definitions import load_configuration
from jobctl.operations.following import Watcher, follow, get_run
from jobctl.operations.trigger import refuse_while_paused, trigger


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Do not wait; print the run's id.")] = False,
    as_scheduled: Annotated[bool, typer.Option("--as-scheduled", help="Let it count as the next slot.")] = False,
    group: Group = None,
    tag: Tag = None,
) -> int:
    """Run jobs now, show their output and exit as they do. Ctrl-C cancels; a second one leaves at once."""
    call = invocation(ctx)
    names = chosen_jobs(call, jobs, group, tag)
    is_one = len(names) == 1 and names == jobs
    if detach:
        return _detach(call, trigger(call.context, names, as_scheduled=as_scheduled), is_one)
    refuse_while_paused(call.context)
    with ExitStack() as closing:
        interrupts = closing.enter_context(Interrupts())
        execute = _executor(call, closing)
        run_ids = trigger(call.context, names, as_scheduled=as_scheduled)
        ended = _watch(call, run_ids, execute, interrupts)
    if call.json:
        documents = [run_document(run) for run in ended]
        call.console.print(dumps(documents[0] if is_one else documents))
    if interrupts.count:
        return ExitStatus.INTERRUPTED
    if is_one:
        return of_run(ended[0])
    return ExitStatus.DONE if all(run.status is Status.SUCCEEDED for run in ended) else ExitStatus.FAILED


def _executor(call: Invocation, closing: ExitStack) -> Callable[[int, Watcher], Run]:
    """Who sees to a run: the daemon, or this call where none is running."""
    context = call.context
    if context.daemon_pid is not None:
        return lambda run_id, watcher: follow(context, run_id, watcher)
    from jobctl.operations.foreground import Foreground  # processes and their accounts, only where no daemon has them

    foreground = Foreground(context, load_configuration(context))
    closing.callback(foreground.close)
    return foreground.execute


def _watch(
    call: Invocation, run_ids: Sequence[int], execute: Callable[[int, Watcher], Run], interrupts: Interrupts
) -> list[Run]:
    ended = []
    for run_id in run_ids:
        watcher = _Screen(call, interrupts)
        watcher.begins(get_run(call.context, run_id))
        run = execute(run_id, watcher)
        watcher.ended(run)
        ended.append(run)
    return ended


def _detach(call: Invocation, run_ids: Sequence[int], is_one: bool) -> int:
    """The ids are durable before they are printed."""
    if call.json:
        documents = [run_document(get_run(call.context, run_id)) for run_id in run_ids]
        call.console.print(dumps(documents[0] if is_one else documents))
    else:
        for run_id in run_ids:
            call.console.print(to_text(run_id))
    from jobctl.operations.obstacle import general_hold

    if call.context.daemon_pid is None:
        call.console.note("no daemon is running: it starts when one does")
    elif (hold := general_hold(call.context)) is not None:
        call.console.note(f"it waits: {hold}")
    return ExitStatus.DONE


class _Screen:
    """Shows a run that is being followed."""

    def __init__(self, call: Invocation, interrupts: Interrupts) -> None:
        self._call = call
        self._console = call.console
        self._interrupts = interrupts
        self._heeded = interrupts.count
        self._target = sys.stderr.buffer if call.json else sys.stdout.buffer

    def begins(self, run: Run) -> None:
        self._console.note(f"{run.job} {to_text(run.id)}")

    def ended(self, run: Run) -> None:
        words, reason = outcome_words(run), run.reason or ""
        if reason.startswith(words):  # `cancelled by ann`
            words, reason = reason, ""
        duration = took(run.started_at, run.finished_at)
        words = self._console.err_style(words, meaning_of(run.status)) + (f" after {duration}" if duration else "")
        self._console.note(f"{run.job} {to_text(run.id)} {words}{f': {reason}' if reason else ''}")

    def output(self, data: bytes) -> None:
        try:
            self._target.write(data)
            self._target.flush()
        except BrokenPipeError:
            # Whoever read has seen enough; the run goes on, and so does what is said about it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._target.fileno())

    def waits(self, run: Run, why: str) -> None:
        self._console.note(f"{run.job} {to_text(run.id)} waits: {why}")

    def retries(self, run: Run) -> None:
        wait = format_duration(max(0, run.due_at - self._call.context.clock.now()) / 1000)
        reason = f" ({run.reason})" if run.reason else ""
        self._console.note(f"attempt {run.attempt} of {run.max_attempts} failed{reason}, the next one in {wait}")

    def interrupts(self) -> int:
        count = self._interrupts.count
        if count > self._heeded:
            self._heeded = count
            if count == 1:
                self._console.note("cancelling; press Ctrl-C again to leave it at once")
        return count
