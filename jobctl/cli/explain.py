"""`jobctl explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.sheet import Fact, print_facts, print_heading
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.table import Column
from jobctl.cli.render.words import relative
from jobctl.cli.render.zoned import local_iso, local_time
from jobctl.cli.said_when import said_expression
from jobctl.errors import UsageError
from jobctl.operations.explanation import Explanation, explain


def command(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar='"EXPR"', help='Five cron fields, or "weekdays at 8:30".')],
    tz: Annotated[str | None, typer.Option("--tz", metavar="ZONE", help="The zone; without it the machine's.")] = None,
    count: Annotated[int, typer.Option("-n", min=0, max=1000, metavar="N", help="So many times.")] = 5,
) -> None:
    """A schedule in words, what is doubtful about it, and its next times."""
    call = invocation(ctx)
    now = call.clock.now()
    expression = _one(words)
    found = explain(expression, tz, now, count)
    if call.json:
        call.console.print(dumps(_document(found)))
        return
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
