"""`jobctl run`: a run now. Its output on stdout, its exit status the job's own; everything else on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from jobctl.cli import request_options as options
from jobctl.cli.board import Board
from jobctl.cli.chosen import chosen_jobs
from jobctl.cli.documents import documents
from jobctl.cli.exit_status import ExitStatus, of_run
from jobctl.cli.interrupts import Interrupts
from jobctl.cli.invocation import Invocation
from jobctl.cli.made_runs import print_made, print_runs, runs_of_lines, tell_existing, tell_made, tell_waiting
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.domain.run import Origin, Run, Status
from jobctl.errors import UsageError
from jobctl.operations.definitions import load_configuration
from jobctl.operations.enqueue import enqueue
from jobctl.operations.following import Watcher, follow_all
from jobctl.operations.request import Request
from jobctl.operations.selection import get_run
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
    source: options.From = None,
    keep: options.Keep = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be executed, and how.")] = False,
) -> int:
    """Run jobs now, show their output and exit as they do. Ctrl-C cancels; a second one leaves at once.

    Each line of several jobs is headed by the name of its job, that of several runs of one by the id of its run, and
    the exit status is 1 if one of them fails.
    """
    call = invocation(ctx)
    request = options.request(call, param, params, delay, at, priority, retries, key, keep)
    if as_scheduled and (request.due_at is not None or request.key is not None):
        raise UsageError("--as-scheduled excludes --delay, --at and --id", "a slot has its own time and is one run")
    options.refuse_id_of_lines(source, key)
    if source is not None and (as_scheduled or dry_run):
        raise UsageError("--from excludes --as-scheduled and --dry-run", "each line is a run that is made now")
    names = chosen_jobs(call, jobs, group, tag)
    if source is not None:
        return _run_lines(call, names, source, request, detach=detach)
    is_one = len(names) == 1 and names == jobs
    if dry_run:
        _show_dry(call, names, request, as_list=not is_one)
        return ExitStatus.DONE
    if detach:
        run_ids = _make(call, names, request, as_scheduled)
        print_runs(call, run_ids, as_list=not is_one)
        tell_waiting(call, run_ids[0])
        return ExitStatus.DONE
    refuse_while_paused(call.context)
    ended, interrupted = _watch(call, lambda: _make(call, names, request, as_scheduled))
    if call.json:
        shown = documents(call, ended)
        call.console.print(dumps(shown[0] if is_one else shown))
    if interrupted:
        return ExitStatus.INTERRUPTED
    return of_run(ended[0]) if is_one else _of_all(ended)


def _run_lines(call: Invocation, names: Sequence[str], source: str, request: Request, *, detach: bool) -> int:
    """A run for each line. Ctrl-C ends the reading, and nothing is made; then it is kept for the runs."""
    if len(names) > 1:
        raise UsageError(f"--from makes runs of one job, and {len(names)} are chosen", "name one of them")
    job = names[0]
    if not detach:
        refuse_while_paused(call.context)
    with runs_of_lines(call, job, source, request, Origin.MANUAL) as make:
        if detach:
            print_made(call, job, make())
            return ExitStatus.DONE

        def make_all() -> Sequence[int]:
            made = make()
            tell_made(call, job, made)
            return made.run_ids

        ended, interrupted = _watch(call, make_all)
    if call.json:
        call.console.print(dumps(documents(call, ended)))
    return ExitStatus.INTERRUPTED if interrupted else _of_all(ended)


def _watch(call: Invocation, make: Callable[[], Sequence[int]]) -> tuple[list[Run], bool]:
    """The runs that were made, at their end; whether somebody has pressed Ctrl-C meanwhile."""
    with ExitStack() as closing:
        interrupts = closing.enter_context(Interrupts())
        execute = _executor(call, closing)
        runs = [get_run(call.context, run_id) for run_id in make()]
        return closing.enter_context(Board(call, interrupts, runs)).watch(execute), bool(interrupts.count)


def _of_all(ended: Sequence[Run]) -> ExitStatus:
    return ExitStatus.DONE if all(run.status is Status.SUCCEEDED for run in ended) else ExitStatus.FAILED


def _show_dry(call: Invocation, names: Sequence[str], request: Request, *, as_list: bool) -> None:
    from jobctl.cli.render.dry_run import dry_run_document, print_dry_run  # users and secrets, for this alone
    from jobctl.operations.dry_run import dry_run

    configuration = load_configuration(call.context)
    planned = [dry_run(call.context, configuration, name, request) for name in names]
    if call.json:
        documents = [dry_run_document(one) for one in planned]
        call.console.print(dumps(documents if as_list else documents[0]))
        return
    for one in planned:
        print_dry_run(call.console, one, with_name=as_list)


def _make(call: Invocation, names: Sequence[str], request: Request, as_scheduled: bool) -> list[int]:
    if as_scheduled:
        return trigger_as_scheduled(call.context, names, request)
    added = enqueue(call.context, names, request, Origin.MANUAL)
    tell_existing(call, added, request)
    return [run.id for run in added]


def _executor(call: Invocation, closing: ExitStack) -> Callable[[Mapping[int, Watcher]], Iterator[Run]]:
    """Who sees to the runs: the daemon, or this call where none is running."""
    context = call.context
    if context.daemon_pid is not None:
        return lambda watchers: follow_all(context, watchers)
    from jobctl.operations.foreground import Foreground  # processes and their accounts, only where no daemon has them

    foreground = Foreground(context, load_configuration(context))
    closing.callback(foreground.close)
    return foreground.execute_all
