"""`jobctl health`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.style import Meaning
from jobctl.errors import DiskFull, JobctlError, StoreDamaged
from jobctl.operations.health import health
from jobctl.operations.health_report import Check, Health, HealthReport

_MEANINGS = {
    Health.OK: Meaning.GOOD,
    Health.WARNING: Meaning.DOUBTFUL,
    Health.CRITICAL: Meaning.BAD,
    Health.UNKNOWN: Meaning.BAD,
}


def command(
    ctx: typer.Context,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also read the whole database; a big one takes seconds.")
    ] = False,
) -> int:
    """One line and an exit status for monitoring: 0 ok, 1 warning, 2 critical, 3 unknown."""
    call = invocation(ctx)
    report = _ask(call, thorough=thorough)
    if call.json:
        call.console.print(dumps(_document(report)))
    else:
        word = call.console.style(report.health.name, _MEANINGS[report.health])
        call.console.print(f"JOBCTL {word} - {report.line}")
    return report.health


def _ask(call: Invocation, *, thorough: bool) -> HealthReport:
    """What cannot be asked is unknown: a monitoring system reads one line whatever happens."""
    try:
        return health(call.context, thorough=thorough)
    except (StoreDamaged, DiskFull) as error:
        return HealthReport((Check("database", Health.CRITICAL, error.message),))
    except (JobctlError, OSError) as error:
        sentence = " ".join(str(error).split("\n"))
        return HealthReport((Check("state", Health.UNKNOWN, sentence),))


def _document(report: HealthReport) -> dict[str, object]:
    return {
        "state": report.health.name.lower(),
        "code": int(report.health),
        "message": report.line,
        "checks": [
            {"name": check.name, "state": check.health.name.lower(), "message": check.message}
            for check in report.checks
        ],
    }
