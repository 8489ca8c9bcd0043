"""The ended runs that `retry`, `dismiss` and `delete` act on: named by their ids, or selected by options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import typer

from jobctl.cli.chosen import jobs_with_runs
from jobctl.cli.history_options import read_statuses
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import past
from jobctl.cli.named_runs import named_runs
from jobctl.domain.run import Origin, Status
from jobctl.errors import UsageError
from jobctl.operations.dead_letters import Selection, selected
from jobctl.operations.freshness import conclude_what_has_ended
from jobctl.operations.stored_runs import Runs

Dead = Annotated[bool, typer.Option("--dead", help="All dead letters.")]
LettersOf = Annotated[
    list[str] | None, typer.Option("--job", metavar="JOB", help="The dead letters of a job; globs work.")
]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Only those made at this time or later.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which.")]


class Selectors(NamedTuple):
    """The options that select runs, as they were given."""

    jobs: Sequence[str] | None
    group: str | None
    tag: str | None
    since: str | None
    dead: bool
    statuses: Sequence[str] | None = None

    @property
    def select(self) -> bool:
        return self != _NOTHING


_NOTHING = Selectors(None, None, None, None, False)


def chosen_runs(
    call: Invocation,
    runs: Sequence[str] | None,
    wanted: Selectors,
    of_job: Callable[[str], str],
    *,
    usual: tuple[Status, ...] = (),
    origins: tuple[Origin, ...] = (),
    with_kept: bool = True,
    by_status: bool = True,
) -> Runs:
    """The runs that are named or selected, never both and never all for want of a word. `of_job`: what to write for
    those of a job, where one is named in place of a run; `usual`: those selected where
    no status is given, instead of dead letters; `with_kept`: those of --keep among them; `by_status`: the verb has
    --status. NotFound for a run or a job that is not there."""
    if bool(runs) == wanted.select:
        options = "--dead, --job, --group, --tag" + (", --status or --since" if by_status else " or --since")
        raise UsageError("which runs?", f"name runs by their ids, or select with {options}")
    if runs:
        call.console.notes(conclude_what_has_ended(call.context))  # one of them may be over
        return named_runs(call, runs, of_job)
    return selected(
        call.context,
        Selection(
            jobs=jobs_with_runs(call, wanted.jobs, wanted.group, wanted.tag),
            statuses=read_statuses(wanted.statuses or ()) or usual,
            origins=origins,
            since=past("--since", wanted.since, call.context.clock.now()),
            dead=wanted.dead,
            with_kept=with_kept,
        ),
    )
