"""`jobctl prune`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.history_options import read_statuses
from jobctl.cli.interrupts import Interrupts
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import Group, JobPatterns, Tag, invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import counted
from jobctl.cli.seconds import seconds
from jobctl.domain.retention import Ending, Policy, Scope, older_than
from jobctl.domain.run import FINAL
from jobctl.domain.units import format_size
from jobctl.errors import UsageError
from jobctl.operations.freshness import refresh_runs
from jobctl.operations.history import jobs_of_history
from jobctl.operations.prune import Pruned, Share, Watcher, policy_in_force, prune, what_would_go

_SAY_EVERY_MS = 5_000


def command(
    ctx: typer.Context,
    jobs: JobPatterns = None,
    group: Group = None,
    tag: Tag = None,
    older: Annotated[
        str | None,
        typer.Option("--older-than", metavar="DURATION", help="What ended longer ago, whatever [retention] says."),
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option(metavar="STATUS", help="Only runs that ended so, several with commas.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and how large it is.")] = False,
) -> int:
    """Remove ended runs that have passed a bound of [retention], with their logs. There is no way back.

    The daemon does the same by itself. What has not ended, was made with --keep or is the last run of its job stays.
    """
    call = invocation(ctx)
    call.console.notes(refresh_runs(call.context))
    scope = _scope(call, jobs, group, tag, status)
    policy = _policy(call, older)
    if dry_run:
        _show(call, what_would_go(call.context, policy, scope), dry_run=True)
        return ExitStatus.DONE
    with Interrupts() as interrupts:
        watcher = Watcher(_progress(call), lambda: interrupts.count > 0)
        pruned = prune(call.context, policy, scope, watcher)
    _show(call, pruned, dry_run=False)
    for problem in pruned.problems:
        call.console.complain(f"the log {problem.filename} cannot be deleted: {problem.strerror}")
    if pruned.interrupted:
        return ExitStatus.INTERRUPTED
    return ExitStatus.FAILED if pruned.problems else ExitStatus.DONE


def _scope(
    call: Invocation, jobs: list[str] | None, group: str | None, tag: str | None, status: list[str] | None
) -> Scope:
    statuses = frozenset(read_statuses(status or ())) or FINAL
    if unended := sorted(statuses - FINAL):
        raise UsageError(f"a {unended[0].word} run has not ended", "only ended runs are pruned; see `jobctl cancel`")
    names = jobs_of_history(call.context, jobs, group, tag) if jobs or group is not None or tag is not None else None
    return Scope(None if names is None else frozenset(names), statuses)


def _policy(call: Invocation, older: str | None) -> Policy:
    age = seconds("--older-than", older, may_be_zero=True)
    return policy_in_force(call.context) if age is None else older_than(age)


def _progress(call: Invocation) -> Callable[[Share], None]:
    """Says now and then how far it is, once it takes long."""
    said_at = call.context.clock.now()

    def say(share: Share) -> None:
        nonlocal said_at
        now = call.context.clock.now()
        if now - said_at >= _SAY_EVERY_MS:
            said_at = now
            call.console.note(f"{_words(share)} gone so far")

    return say


def _show(call: Invocation, pruned: Pruned, *, dry_run: bool) -> None:
    shares = sorted(pruned.shares.items(), key=lambda one: (one[0][0], one[0][1] is Ending.FAILED))
    if call.json:
        parts = [
            {"job": job, "ended": ending.value, "runs": share.runs, "log_bytes": share.log_bytes}
            for (job, ending), share in shares
        ]
        total = {"runs": pruned.total.runs, "log_bytes": pruned.total.log_bytes}
        call.console.print(dumps({"dry_run": dry_run, "interrupted": pruned.interrupted, **total, "jobs": parts}))
        return
    if shares:
        call.console.table(_columns([(job, ending, share) for (job, ending), share in shares]))
    if not shares:
        call.console.note("nothing has passed its bound")
    elif dry_run:
        call.console.note(f"{_words(pruned.total)} would go")
    else:
        call.console.note(f"{_words(pruned.total)} gone{', then interrupted' if pruned.interrupted else ''}")


def _words(share: Share) -> str:
    return f"{counted(share.runs, 'run')} and {format_size(share.log_bytes)} of logs"


_ENDED = {Ending.SUCCEEDED: "without failure", Ending.FAILED: "with failure"}  # cancelled and skipped are no success


def _columns(rows: list[tuple[str, Ending, Share]]) -> list[Column]:
    colours = [Meaning.BAD if ending is Ending.FAILED else Meaning.GOOD for _, ending, _ in rows]
    return [
        Column("JOB", [job for job, _, _ in rows], [Meaning.STRONG] * len(rows), least=14),
        Column("ENDED", [_ENDED[ending] for _, ending, _ in rows], colours),
        Column("RUNS", [f"{share.runs:,}" for _, _, share in rows], right=True),
        Column("LOGS", [format_size(share.log_bytes) for _, _, share in rows], right=True),
    ]
