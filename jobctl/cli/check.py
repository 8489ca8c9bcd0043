"""`jobctl check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.render.json import dumps, problem_document
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable
from jobctl.cli.render.words import counted
from jobctl.config.safety import shown
from jobctl.errors import Problem, Severity
from jobctl.operations.checking import CheckReport, check


def command(
    ctx: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Without it the jobs file in use.", readable=False)
    ] = None,
) -> int:
    """Look for errors and doubts in the jobs file, and change nothing. Errors give exit status 3."""
    call = invocation(ctx)
    report = check(path or call.config, call.clock.now())
    if call.json:
        call.console.print(dumps(_document(report)))
    else:
        _print(call, report)
    return ExitStatus.JOBS_FILE if report.errors else ExitStatus.DONE


def _print(call: Invocation, report: CheckReport) -> None:
    for problem in report.problems:
        _print_problem(call, problem)
    console = call.console
    findings = [counted(len(report.errors), "error") if report.errors else ""]
    findings.append(counted(len(report.warnings), "warning") if report.warnings else "")
    said = ", ".join(part for part in findings if part) or "no problems"
    jobs = f"{counted(report.jobs, 'job')}, " if report.jobs is not None else ""
    worst = Meaning.BAD if report.errors else Meaning.DOUBTFUL if report.warnings else Meaning.GOOD
    console.print(f"{shown(report.path)}: {jobs}{console.style(said, worst)}")


def _print_problem(call: Invocation, problem: Problem) -> None:
    console = call.console
    error = problem.severity is Severity.ERROR
    word = console.style(problem.severity.value, Meaning.BAD if error else Meaning.DOUBTFUL)
    key = f"{problem.key}: " if problem.key else ""
    console.print(f"{problem.place}: {word}: {printable(key + problem.message)}")
    if problem.hint:
        console.print(f"  {console.style(printable(problem.hint), Meaning.FAINT)}")


def _document(report: CheckReport) -> dict[str, object]:
    return {
        "path": str(report.path),
        "valid": not report.errors,
        "jobs": report.jobs,
        "problems": [problem_document(problem) for problem in report.problems],
    }
