"""`jobctl why`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.documents import document
from jobctl.cli.invocation import Invocation
from jobctl.cli.moments import past
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, instant
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import wrapped
from jobctl.cli.render.zoned import local_iso
from jobctl.domain.absence_facts import Reason
from jobctl.domain.run_id import to_text
from jobctl.operations.explain_absence import Absence, explain_absence
from jobctl.operations.freshness import refresh
from jobctl.operations.starts import Start

_FINE = frozenset({Reason.RAN, Reason.NOT_YET})


def command(
    ctx: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's name, also of one that was removed.")],
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="In this minute; without it at the latest slot that has come.")
    ] = None,
) -> None:
    """Why a job did or did not run.

    TIME is such as "2026-11-22 02:30", 02:30, yesterday, or how long ago: 2h.
    """
    call = invocation(ctx)
    notes = refresh(call.context)
    now = call.context.clock.now()
    found = explain_absence(call.context, job, past("--at", at, now))
    if call.json:
        call.console.print(dumps(_document(call, found)))
        return
    verdict = found.verdict
    meaning = Meaning.GOOD if verdict.reason in _FINE else Meaning.DOUBTFUL
    word = call.console.style(verdict.reason.value.replace("_", " "), meaning)
    call.console.print(f"{call.console.style(found.job, Meaning.STRONG)}  {word}")
    call.console.print("\n".join(wrapped(verdict.text, call.console.width)))
    if verdict.run is not None:
        call.console.note(f"`jobctl show {to_text(verdict.run.id)}` tells more about that run")
    call.console.notes(notes)


def _document(call: Invocation, found: Absence) -> dict[str, object]:
    run = found.verdict.run
    return {
        "job": found.job,
        "at": instant(found.at),
        "slot": instant(1000 * found.slot) if found.slot is not None else None,
        "reason": found.verdict.reason.value,
        "text": found.verdict.text,
        "run": document(call, run) if run is not None else None,
        "before": _slot(found.before),
        "after": _slot(found.after),
    }


def _slot(start: Start | None) -> dict[str, object] | None:
    if start is None:
        return None
    return {"at": instant(start.at), "job": start.job, "local": local_iso(start.at, start.zone), "reason": start.reason}
