"""`jobctl explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import relative
from jobctl.cli.render.zoned import local_iso, local_time
from jobctl.cli.said_when import said_expression
from jobctl.errors import JobctlError, UsageError
from jobctl.operations.explanation import Explanation, explain, explain_job
from jobctl.operations.freshness import refresh


def command(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar='"EXPR"|JOB', help='Five cron fields, "weekdays at 8:30", or the name of a job.'),
    ],
    tz: Annotated[
        str | None, typer.Option("--tz", metavar="ZONE", help="The zone; without it the job's or the machine's.")
    ] = None,
    count: Annotated[int, typer.Option("-n", min=0, max=1000, metavar="N", help="So many times.")] = 5,
) -> None:
    """A schedule in words, what is doubtful about it, and its next times."""
    call = invocation(ctx)
    expression = _one(words)
    of_job = False
    try:
        found = [explain(expression, tz, call.clock.now(), count)]
    except UsageError as problem:
        found, of_job = _of_job(call, expression, tz, count, problem), True
    if call.json:
        documents = [_document(one) for one in found]
        call.console.print(dumps(documents if of_job else documents[0]))
        return
    for at, one in enumerate(found):
        if at:
            call.console.print()
        _print(call, one, count)


def _of_job(call: Invocation, name: str, zone: str | None, count: int, problem: UsageError) -> list[Explanation]:
    """The expressions of the job, if the word that is none names one. Raises `problem` otherwise."""
    if len(name.split()) != 1:
        raise problem
    try:
        refresh(call.context)
        found = explain_job(call.context, name, zone, count)
    except UsageError:
        raise
    except JobctlError:
        raise problem from None
    call.console.note(
        f"the schedule of {name}; `jobctl next {name}` tells its starts: spread, calendar, disabled or not"
    )
    return found


def _print(call: Invocation, found: Explanation, count: int) -> None:
    now = call.clock.now()
    facts: list[Fact] = [
        ("Expression", found.expression),
        ("Means", found.words, Meaning.STRONG),
        ("Zone", found.zone),
        *(("Careful", warning, Meaning.DOUBTFUL) for warning in found.warnings),
    ]
    print_facts(call.console, facts)
    if found.slots:
        print_heading(call.console, "Next")
        call.console.table(
            [
                Column(
                    "LOCAL", [local_time(slot * 1000, found.zone) for slot in found.slots], [Meaning.STRONG] * count
                ),
                Column("UTC", [instant(slot * 1000) or "" for slot in found.slots]),
                Column("IN", [relative(slot * 1000, now) for slot in found.slots], rank=1),
            ]
        )
    elif count:
        call.console.note("No time is left in this schedule.")


def _one(words: list[str]) -> str:
    """The expression. UsageError for one that the shell took apart, and for what is a key of its own."""
    if words[0] == "every" and len(words) < 3:
        raise UsageError("`every` is no cron expression", 'it is a key of the job: every = "5m"')
    if len(words) > 1:
        raise UsageError("an expression is one word for the shell", 'quote it: jobctl explain "*/5 * * * *"')
    return said_expression(words[0])


def _document(found: Explanation) -> dict[str, object]:
    return {
        "expression": found.expression,
        "words": found.words,
        "timezone": found.zone,
        "warnings": list(found.warnings),
        "next": [{"at": instant(slot * 1000), "local": local_iso(slot * 1000, found.zone)} for slot in found.slots],
    }
