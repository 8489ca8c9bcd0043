"""`jobctl run`: a run now. Its output on stdout, its exit status the job's own; everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from jobctl.cli import request_options as options
from jobctl.cli.chosen import chosen_jobs
from jobctl.cli.exit_status import ExitStatus, of_run
from jobctl.cli.interrupts import Interrupts
from jobctl.cli.invocation import Invocation
from jobctl.cli.made_runs import print_runs, tell_existing, tell_following, tell_waiting
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.console import discard
from jobctl.cli.render.json import dumps, run_document
from jobctl.cli.render.words import meaning_of, outcome_words, took
from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration
from jobctl.errors import UsageError
from jobctl.operations.definitions import load_configuration
from jobctl.operations.enqueue import enqueue
from jobctl.operations.following import Watcher, follow, get_run
from jobctl.operations.request import Request
from jobctl.operations.trigger import refuse_while_paused, trigger_as_scheduled


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Do not wait; print the run's id.")] = False,
    as_scheduled: Annotated[bool, typer.Option("--as-scheduled", help="Let it count as the next slot.")] = False,
    group: Group = None,
    tag: Tag = None,
    param: options.Param = None,
    params: options.Params = None,
    delay: options.Delay = None,
    at: options.At = None,
    priority: options.Priority = None,
    retries: options.Retries = None,
    key: options.Key = None,
    keep: options.Keep = False,
) -> int:
    """Run jobs now, show their output and exit as they do. Ctrl-C cancels; a second one leaves at once."""
    call = invocation(ctx)
    request = options.request(call, param, params, delay, at, priority, retries, key, keep)
    if as_scheduled and (request.due_at is not None or request.key is not None):
        raise UsageError("--as-scheduled excludes --delay, --at and --id", "a slot has its own time and is one run")
    names = chosen_jobs(call, jobs, group, tag)
    is_one = len(names) == 1 and names == jobs
    if detach:
        run_ids = _make(call, names, request, as_scheduled)
        print_runs(call, run_ids, as_list=not is_one)
        tell_waiting(call, run_ids[0])
        return ExitStatus.DONE
    refuse_while_paused(call.context)
    with ExitStack() as closing:
        interrupts = closing.enter_context(Interrupts())
        execute = _executor(call, closing)
        run_ids = _make(call, names, request, as_scheduled)
        ended = _watch(call, run_ids, execute, interrupts)
    if call.json:
        documents = [run_document(run) for run in ended]
        call.console.print(dumps(documents[0] if is_one else documents))
    if interrupts.count:
        return ExitStatus.INTERRUPTED
    if is_one:
        return of_run(ended[0])
    return ExitStatus.DONE if all(run.status is Status.SUCCEEDED for run in ended) else ExitStatus.FAILED


def _make(call: Invocation, names: Sequence[str], request: Request, as_scheduled: bool) -> list[int]:
    if as_scheduled:
        return trigger_as_scheduled(call.context, names, request)
    added = enqueue(call.context, names, request, Origin.MANUAL)
    tell_existing(call, added, request)
    return [run.id for run in added]


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
        tell_following(call, run_id)
        ended.append(run)
    return ended


class _Screen:
    """Shows a run that is being followed."""

    def __init__(self, call: Invocation, interrupts: Interrupts) -> None:
        self._call = call
        self._console = call.console
        self._interrupts = interrupts
        self._heeded = interrupts.count
        self._in_line = False
        self._stream = sys.stderr if call.json else sys.stdout
        self._target = self._stream.buffer

    def begins(self, run: Run) -> None:
        self._console.note(f"{run.job} {to_text(run.id)}")

    def ended(self, run: Run) -> None:
        words, reason = outcome_words(run), run.reason or ""
        if reason.startswith(words):  # `cancelled by ann`
            words, reason = reason, ""
        self._finish_line()
        duration = took(run.started_at, run.finished_at)
        words = self._console.err_style(words, meaning_of(run.status)) + (f" after {duration}" if duration else "")
        self._console.note(f"{run.job} {to_text(run.id)} {words}{f': {reason}' if reason else ''}")

    def _finish_line(self) -> None:
        """What is said about the run does not go on in the last line of its output, where a person reads both."""
        if self._in_line and self._target.isatty() and sys.stderr.isatty():
            self.output(b"\n")

    def output(self, data: bytes) -> None:
        self._in_line = not data.endswith(b"\n")
        try:
            self._target.write(data)
            self._target.flush()
        except BrokenPipeError:
            discard(self._stream)  # whoever read has seen enough; the run goes on, and so does what is said about it

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
