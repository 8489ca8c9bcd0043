"""What a run of a job would be given, resolved as for its start, and nothing made or started for it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobctl.config.system_zone import system_zone
from jobctl.domain.job import Job
from jobctl.domain.masking import mask
from jobctl.domain.run import NewRun, Origin, Run
from jobctl.domain.settings import Configuration
from jobctl.errors import NotFound
from jobctl.operations.context import Context
from jobctl.operations.daemon_environment import daemon_environment
from jobctl.operations.request import Request, RunMaker
from jobctl.process import accounts
from jobctl.process.accounts import Account
from jobctl.process.launch import AttemptPlaces, LaunchProblem, Recipe
from jobctl.process.secret_values import secret_values
from jobctl.process.spec import AttemptSpec

HIDDEN = "***"
_NO_RUN = 0  # the id of a run that does not exist
_NO_TOKEN = bytes(16)


@dataclass(frozen=True, slots=True)
class DryRun:
    """One attempt as it would be executed. `spec` holds secrets, `env` and `argv` do not; `umask` and `nice` are those
    of the process that would start it where the job sets none."""

    job: Job
    spec: AttemptSpec
    account: Account
    env: Mapping[str, str]
    argv: tuple[str, ...]
    umask: int
    nice: int
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not in the caller's environment, what is only there, and what has another value: here and in the run."""

    added: dict[str, str]
    removed: tuple[str, ...]
    changed: dict[str, tuple[str, str]]


def dry_run(ctx: Context, configuration: Configuration, name: str, request: Request) -> DryRun:
    """The first attempt of a run of the job, by hand and now. WrongRequest: the job does not take it; LaunchProblem
    says in words why it could not be executed."""
    job = configuration.jobs.get(name)
    if job is None:
        raise NotFound(f"{name} is not in the jobs file any more", "`jobctl reload` tells the daemon")
    maker = RunMaker(ctx, name, Origin.MANUAL)
    run = _as_run(maker.run(maker.order(request), ctx.clock.now()))
    here, starter = ctx.places, ctx.daemon_pid or os.getpid()
    zone, environment = configuration.settings.timezone or system_zone(), daemon_environment(ctx) or dict(os.environ)
    recipe = Recipe(job, AttemptPlaces(here.jobs_file, here.state_dir), timezone=zone, starters=environment)
    spec = recipe.spec(run, 1, _NO_TOKEN, here.log_path(_NO_RUN, 1), make=False)
    _require_folder(spec.cwd)
    own = secret_names(job)
    secrets = secret_values(job.execution, here.jobs_file) | {spec.env[variable] for variable in own & spec.env.keys()}
    secrets -= {""}
    return DryRun(
        job=job,
        spec=spec,
        account=accounts.resolve(job.execution.user, job.execution.group),
        env={key: HIDDEN if key in own else mask(value, secrets) for key, value in sorted(spec.env.items())},
        argv=tuple(mask(word, secrets) for word in spec.argv),
        umask=_umask_of(starter) if spec.umask is None else spec.umask,
        nice=os.getpriority(os.PRIO_PROCESS, starter) if spec.nice is None else spec.nice,
        secrets=secrets,
    )


def _require_folder(path: str) -> None:
    """LaunchProblem as the run's own when there is no such folder. Whether its user may enter it is not looked at, nor
    what this process may not look at."""
    try:
        reason = 0 if stat.S_ISDIR(Path(path).stat().st_mode) else errno.ENOTDIR
    except OSError as error:
        reason = 0 if isinstance(error, PermissionError) else error.errno or errno.ENOENT
    if reason:
        raise LaunchProblem(f"cannot enter {path}: {os.strerror(reason)}")


def secret_names(job: Job) -> frozenset[str]:
    """The variables whose values nobody is to see."""
    references = {name for name, value in job.execution.env.items() if not isinstance(value, str)}
    return frozenset(references | job.execution.secrets)


def difference(planned: DryRun, here: Mapping[str, str]) -> Difference:
    """From the environment of the caller to that of the run, by name. Secrets of the job are masked on both sides."""
    run, hidden = planned.spec.env, planned.env
    changed = {name: (mask(here[name], planned.secrets), hidden[name]) for name in sorted(run.keys() & here.keys())}
    return Difference(
        added={name: value for name, value in hidden.items() if name not in here},
        removed=tuple(sorted(here.keys() - run.keys())),
        changed={name: values for name, values in changed.items() if run[name] != here[name]},
    )


def _umask_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        return int(status.split("\nUmask:")[1].split()[0], 8)
    except (OSError, IndexError, ValueError):
        return 0o022


def _as_run(new: NewRun) -> Run:
    common = {field: getattr(new, field) for field in Run._fields if field in NewRun._fields}
    return Run(**{**dict.fromkeys(Run._fields), **common, "id": _NO_RUN, "attempt": 1, "dead_letter": False})
