"""Claims that are committed go to their keepers: after the commit, never before."""

# ruff: noqa: PTH103, PTH120
# Every attempt passes here, and pathlib takes longer than the calls themselves.

from __future__ import annotations

import os

from jobctl.daemon.in_flight import Flight
from jobctl.daemon.surroundings import Surroundings
from jobctl.domain.chain import variables
from jobctl.domain.job import Job
from jobctl.domain.outcome import AttemptEnd
from jobctl.domain.run_id import to_text
from jobctl.domain.settings import Configuration
from jobctl.errors import CannotStart
from jobctl.failpoint import hit
from jobctl.process.launch import AttemptPlaces, LaunchProblem, Recipe
from jobctl.process.spec import AttemptSpec


class Launcher:
    """Turns a claim into a spec and sends it. What cannot even be prepared is handed back as ended."""

    def __init__(self, around: Surroundings) -> None:
        self._pool = around.pool
        self._catalogue = around.catalogue
        self._places = around.places
        self._journal = around.journal
        self._folder = ""  # today's, so that it is made once
        self._recipes: dict[str, Recipe] = {}
        self._configuration: Configuration | None = None  # that the recipes are of
        self._claimed: list[Flight] = []
        self._failed: list[AttemptEnd] = []
        self._refused: list[tuple[Flight, str]] = []

    def add(self, flight: Flight) -> None:
        self._claimed.append(flight)

    def launch(self, now: int) -> None:
        """Send all committed claims."""
        claimed, self._claimed = self._claimed, []
        for flight in claimed:
            hit("daemon.claimed")
            if not self._start(flight, now):
                self._pool.release(flight.keeper)
                continue
            hit("daemon.sent")
            self._journal.debug(
                "run started", job=flight.run.job, run=to_text(flight.run.id), attempt=flight.number,
                keeper=flight.keeper,
            )  # fmt: skip

    def take_failed(self) -> list[AttemptEnd]:
        """Ends of attempts that can never be executed as they are defined, each once."""
        failed, self._failed = self._failed, []
        return failed

    def take_refused(self) -> list[tuple[Flight, str]]:
        """Attempts that the machine has no room for now, and why, each once: they do not count."""
        refused, self._refused = self._refused, []
        return refused

    @property
    def has_news(self) -> bool:
        """Whether one of the two has something to give."""
        return bool(self._failed or self._refused)

    def _start(self, flight: Flight, now: int) -> bool:
        """Send the spec, or put down why not. One bad run never stops the others."""
        try:
            self._pool.start(flight.keeper, self._spec(flight))
            return True
        except LaunchProblem as problem:
            self._failed.append(_never_executed(flight, problem, now))
        except CannotStart as problem:
            self._refused.append((flight, problem.message))
        except OSError as problem:
            self._refused.append((flight, f"cannot prepare the attempt: {problem}"))
        except Exception as problem:
            self._journal.exception("attempt cannot be prepared", job=flight.run.job, run=to_text(flight.run.id))
            self._failed.append(_never_executed(flight, LaunchProblem(f"jobctl cannot prepare it: {problem!r}"), now))
        return False

    def _spec(self, flight: Flight) -> AttemptSpec:
        job = self._catalogue.job(flight.run.job)
        if job is None:
            raise LaunchProblem("the job was removed from the jobs file before it could start", 126)
        log = self._places.log_path(flight.run.id, flight.number)
        if (folder := os.path.dirname(log)) != self._folder:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._folder = folder
        extra = variables(flight.parents) if flight.parents else None
        return self._recipe(job).spec(flight.run, flight.number, flight.token, log, extra_env=extra)

    def _recipe(self, job: Job) -> Recipe:
        if self._configuration is not self._catalogue.configuration:
            self._configuration, self._recipes = self._catalogue.configuration, {}
        recipe = self._recipes.get(job.name)
        if recipe is None:
            places = AttemptPlaces(self._places.jobs_file, self._places.state_dir)
            recipe = self._recipes[job.name] = Recipe(job, places, timezone=self._catalogue.zone)
        return recipe


def _never_executed(flight: Flight, problem: LaunchProblem, now: int) -> AttemptEnd:
    return AttemptEnd(flight.token, now, now, exit_code=problem.exit_code, error=problem.message)
