"""`jobctl cancel`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from signal import SIGKILL, SIGTERM
from typing import Annotated

import typer

from jobctl.cli.chosen import jobs_with_runs
from jobctl.cli.documents import document, print_documents
from jobctl.cli.ended_runs import DryRun
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.named_runs import RunIds, named_runs
from jobctl.cli.options import Group, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.words import outcome_words, withdrawn_words
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.errors import JobctlError, Refused, UsageError
from jobctl.operations.cancel import Cancellation, Cancelled, cancel, foretell, runs_of_jobs, signal_number


def command(
    ctx: typer.Context,
    runs: RunIds = None,
    job: Annotated[
        list[str] | None, typer.Option("--job", metavar="JOB", help="All unfinished runs of a job; globs work.")
    ] = None,
    group: Group = None,
    tag: Tag = None,
    queued: Annotated[bool, typer.Option("--queued", help="Only runs that wait; what runs is left alone.")] = False,
    signal: Annotated[
        str, typer.Option("--signal", metavar="NAME", help="The first signal for running jobs; KILL spares the grace.")
    ] = "TERM",
    dry_run: DryRun = False,
) -> int:
    """Withdraw waiting runs and stop running ones: a signal, then after the job's grace SIGKILL to all of it."""
    call = invocation(ctx)
    number = signal_number(signal)
    run_ids = _chosen(call, runs, _jobs(call, job, group, tag), queued)
    notable: list[Cancellation] = []
    if dry_run:
        results = _noting(foretell(call.context, run_ids, only_waiting=queued), notable)
    else:
        results = _noting(cancel(call.context, run_ids, number, only_waiting=queued), notable)
    if call.json and runs and len(run_ids) == 1:
        call.console.print(dumps(document(call, next(results).run)))
    elif call.json:
        print_documents(call, (result.run for result in results))
    else:
        for result in results:
            if not (runs and _is_refused(result)):  # an error says so
                call.console.print(_words_before(result) if dry_run else _words(result))
    if not run_ids:
        call.console.note("nothing would be cancelled" if dry_run else "there is nothing to cancel")
    if not dry_run and _spoke_to_keepers(call, notable) and number not in (SIGTERM, SIGKILL):
        call.console.note(f"no daemon is running that could send {signal}: TERM was sent instead")
    _complain(notable, by_name=bool(runs), asked=not dry_run)
    return ExitStatus.DONE


def _noting(results: Iterable[Cancellation], notable: list[Cancellation]) -> Iterator[Cancellation]:
    """The same results; those that did more, or less, than to withdraw a run are kept: of them there are few."""
    for result in results:
        if result.result is not Cancelled.WITHDRAWN:
            notable.append(result)
        yield result


def _jobs(call: Invocation, jobs: Sequence[str] | None, group: str | None, tag: str | None) -> Sequence[str] | None:
    """The jobs that are selected; None without a selection."""
    if not jobs and group is None and tag is None:
        return None
    return jobs_with_runs(call, jobs, group, tag)


def _chosen(call: Invocation, runs: Sequence[str] | None, jobs: Sequence[str] | None, queued: bool) -> list[int]:
    if not (runs or jobs or queued):
        raise UsageError("which run?", "name runs by their ids, or use --job JOB, --group, --tag or --queued")
    named = named_runs(call, runs or (), lambda job: f"`jobctl cancel --job {job}` cancels all its runs")
    chosen = [run.id for run in named]
    if jobs:
        chosen += runs_of_jobs(call.context, jobs, only_waiting=queued)
    elif not runs:
        chosen += runs_of_jobs(call.context, None, only_waiting=True)
    return list(dict.fromkeys(chosen)) if runs else chosen


def _spoke_to_keepers(call: Invocation, results: Sequence[Cancellation]) -> bool:
    """Whether a running job was stopped through its keeper alone, which knows TERM and KILL."""
    stopped = any(result.result in (Cancelled.STOPPED, Cancelled.STOPPING) for result in results)
    return stopped and call.context.daemon_pid is None


def _words(result: Cancellation) -> str:
    run = result.run
    name = f"{run.job} {to_text(run.id)}"
    match result.result:
        case Cancelled.WITHDRAWN:
            return f"{name} {withdrawn_words(run)}"
        case Cancelled.STOPPED:
            return f"{name} {outcome_words(run)}"
        case Cancelled.STOPPING:
            return f"{name} is being stopped"
        case Cancelled.RUNNING:
            return f"{name} is running and was left alone"
        case Cancelled.ENDED:
            return f"{name} had ended before: {outcome_words(run)}"


def _words_before(result: Cancellation) -> str:
    """What --dry-run says of it."""
    name = f"{result.run.job} {to_text(result.run.id)}"
    match result.result:
        case Cancelled.WITHDRAWN:
            return f"{name} would be cancelled"
        case Cancelled.STOPPING:
            return f"{name} is running and would be stopped"
        case _:
            return _words(result)


def _is_refused(result: Cancellation) -> bool:
    """Whether naming the run was in vain; one that is cancelled already is as it should be."""
    ended = result.result is Cancelled.ENDED and result.run.status is not Status.CANCELLED
    return ended or result.result is Cancelled.RUNNING


def _complain(results: Sequence[Cancellation], *, by_name: bool, asked: bool) -> None:
    """What was named and could not be cancelled is an error; what a job or a queue happened to have is none. `asked`:
    who was to stop was asked to, so that it should have ended by now."""
    for result in results:
        text = to_text(result.run.id)
        if asked and result.result is Cancelled.STOPPING:
            raise JobctlError(
                f"{text} has not ended within its grace", f"the request stands; `jobctl wait {text}` waits for the end"
            )
        if not by_name:
            continue
        if _is_refused(result) and result.result is Cancelled.ENDED:
            raise Refused(f"{text} had ended already: {outcome_words(result.run)}", "an ended run cannot be cancelled")
        if result.result is Cancelled.RUNNING:
            raise Refused(f"{text} is running, and --queued leaves running ones alone", "call it without --queued")
