"""How a payload reaches the command: `{name}` in its arguments, variables, a file, and standard input."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from jobctl.domain.job import Job
from jobctl.domain.params import encode, substituted, values_of, variables
from jobctl.domain.run import Run
from jobctl.process import result
from jobctl.process.problem import LaunchProblem


@dataclass(frozen=True, slots=True)
class Payload:
    """What one attempt is given. `command` is the list command with its values; None leaves the job's own.
    `contents` is the payload as JSON, None for a job that has none."""

    command: tuple[str, ...] | None
    variables: dict[str, str]
    contents: bytes | None
    stdin: bytes | None


_NOTHING = Payload(None, {}, None, None)
_EMPTY_ON_STDIN = Payload(None, {}, None, b"{}")


def payload_of(job: Job, run: Run) -> Payload:
    """The payload of a run, with the defaults that the job has now. LaunchProblem when a required value is missing,
    as in a run that was made before the job came to ask for it."""
    if not job.params and run.params is None:
        return _EMPTY_ON_STDIN if job.execution.stdin_params else _NOTHING
    values = values_of(job.params, run.params)
    missing = [name for name, param in job.params.items() if param.required and name not in values]
    if missing:
        raise LaunchProblem(
            f"the run has no value for {', '.join(missing)}, which the job requires",
            hint=f"enqueue it again with --param {missing[0]}=…",
        )
    contents = encode(values).encode()
    command = None if isinstance(job.command, str) else substituted(job.command, job.params, values)
    return Payload(command, variables(values), contents, contents if job.execution.stdin_params else None)


def file_of(state_dir: str | Path, run_id: str, attempt: int, *, foreign: bool) -> str:
    """Where the attempt finds its payload: in the folder of its result file when its user is not the daemon's
    (`foreign`)."""
    name = f"{run_id}-{attempt}"
    return f"{result.FOREIGN}/{name}/params.json" if foreign else f"{state_dir}/params/{name}.json"


def remove_left(state_dir: str | Path, run_id: str, attempt: int) -> None:
    """Remove the file of an attempt whose keeper was killed before it could."""
    for foreign in (False, True):
        with contextlib.suppress(OSError):
            Path(file_of(state_dir, run_id, attempt, foreign=foreign)).unlink(missing_ok=True)
