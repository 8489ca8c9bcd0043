"""The jobs file before anybody relies on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jobctl.config.load import load
from jobctl.config.places import find_jobs_file
from jobctl.errors import JobsFileError, Problem, Severity


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found, by place; `jobs` is None where errors keep the file from being used."""

    path: Path
    jobs: int | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


def check(path: Path | None, now: int) -> CheckReport:
    """Read the jobs file at `path`, or the one in use, as the daemon would. Nothing is stored or changed."""
    file = find_jobs_file(path)
    try:
        loaded = load(file, now, look_around=True, doubts_beside_errors=True)
    except JobsFileError as error:
        problems = error.problems or (Problem(str(file), 0, 0, "", error.message, error.hint),)
        return CheckReport(file, None, problems)
    return CheckReport(file, len(loaded.configuration.jobs), loaded.warnings)
