"""From a job and a run to the spec of one attempt. Everything that needs a lookup is looked up here, in the daemon:
the keeper only executes."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jobctl.domain import run_id
from jobctl.domain.job import Job, Limits
from jobctl.domain.run import Run
from jobctl.errors import CannotStart
from jobctl.process import accounts, environment, result
from jobctl.process.accounts import Account
from jobctl.process.execute import NOT_EXECUTABLE, NOT_FOUND
from jobctl.process.payload import Payload, file_of, payload_of
from jobctl.process.problem import LaunchProblem
from jobctl.process.spec import AttemptSpec, Owner

__all__ = ["AttemptPlaces", "LaunchProblem", "build_spec"]

_CPU_AFTERTHOUGHT = 5  # seconds between SIGXCPU, which a job may handle, and SIGKILL


@dataclass(frozen=True, slots=True)
class AttemptPlaces:
    """Where an attempt finds and leaves things; absolute paths."""

    log_path: str
    config_path: Path
    state_dir: Path


def build_spec(
    job: Job,
    run: Run,
    attempt: int,
    token: bytes,
    places: AttemptPlaces,
    *,
    timezone: str | None = None,
    argv: tuple[str, ...] | None = None,
    extra_env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    starters: Mapping[str, str] | None = None,
    make: bool = True,
) -> AttemptSpec:
    """Resolve one attempt. LaunchProblem says in words why it cannot be executed, CannotStart that the
    disk refuses now.

    `timezone` is the default zone of the jobs file; the job's own goes first. The run's payload comes in by itself;
    beside it `argv` replaces the job's command, `extra_env` adds variables under `env_file` and `env`, and `stdin` is
    what the job reads. `starters` is the environment of the process that starts it, this one's when left out. Without
    `make` no folder is made for its result: nothing is going to be executed.
    """
    execution = job.execution
    given = payload_of(job, run)
    account = accounts.resolve(execution.user, execution.group)
    env = environment.base(account, job.triggers.timezone or timezone, starters)
    env |= own_variables(run, attempt, places, account.owner, make=make)
    params_file = _params_file(given, run, attempt, places, account)
    if params_file is not None:
        env["JOBCTL_PARAMS_FILE"] = params_file[0]
    env |= given.variables | dict(extra_env or {})
    owners = {0, os.geteuid(), account.uid}
    if execution.env_file is not None:
        env |= environment.from_file(places.config_path.parent / execution.env_file, owners)
    env |= environment.from_job(execution.env, owners, starters)
    cwd = _directory(execution.cwd, account, places)
    command = argv if argv is not None else _command(job, given)
    _refuse_nul((*command, *env.values()))
    return AttemptSpec(
        token=token,
        run_id=run_id.to_text(run.id),
        attempt=attempt,
        argv=(executable(command[0], env["PATH"], cwd), *command[1:]),
        env=env,
        cwd=cwd,
        log_path=places.log_path,
        owner=account.owner,
        umask=execution.umask,
        nice=execution.nice,
        rlimits=rlimits(execution.limits),
        timeout=execution.timeout,
        grace=execution.grace,
        max_log_size=execution.max_log_size,
        stdin=stdin if stdin is not None else given.stdin,
        params_file=params_file,
    )


def own_variables(
    run: Run, attempt: int, places: AttemptPlaces, owner: Owner | None, *, make: bool = True
) -> dict[str, str]:
    """What jobctl tells every command. CannotStart: the disk refuses the folder for its result."""
    scheduled_for = run.due_at if run.slot is None else run.slot * 1000
    text_id = run_id.to_text(run.id)
    try:
        locate = result.prepare if make else result.path_for
        result_path = locate(places.state_dir, text_id, attempt, owner)
    except OSError as error:
        raise CannotStart(f"cannot make the folder for results: {error.strerror}", "see `jobctl doctor`") from None
    return {
        "JOBCTL_JOB": run.job,
        "JOBCTL_RUN_ID": text_id,
        "JOBCTL_ATTEMPT": str(attempt),
        "JOBCTL_ORIGIN": run.origin.word,
        "JOBCTL_SCHEDULED_FOR": f"{datetime.fromtimestamp(scheduled_for // 1000, UTC).isoformat()[:19]}Z",
        "JOBCTL_CONFIG": str(places.config_path),
        "JOBCTL_STATE_DIR": str(places.state_dir),
        "JOBCTL_RESULT": result_path,
    }


def _params_file(
    given: Payload, run: Run, attempt: int, places: AttemptPlaces, account: Account
) -> tuple[str, bytes] | None:
    """The file that the keeper makes for the payload."""
    if given.contents is None:
        return None
    foreign = account.owner is not None
    return file_of(places.state_dir, run_id.to_text(run.id), attempt, foreign=foreign), given.contents


def _command(job: Job, given: Payload) -> tuple[str, ...]:
    command = (*job.execution.shell, job.command) if isinstance(job.command, str) else given.command or job.command
    if not command or not command[0]:
        raise LaunchProblem("the command is empty", NOT_FOUND, "give the job a `command`")
    return command


def _directory(cwd: str | None, account: Account, places: AttemptPlaces) -> str:
    if cwd is None:
        return accounts.home_or_root(account)
    if cwd == "~" or cwd.startswith("~/"):
        cwd = account.home + cwd[1:]
    return str(places.config_path.parent / cwd)


def executable(name: str, search_path: str, cwd: str) -> str:
    """The absolute path of a command; LaunchProblem when it is not found. Whether it may be executed is decided by
    exec, as the job's user."""
    if "/" in name:
        return os.path.normpath(Path(cwd, name)) if not name.startswith("/") else name
    not_executable = None
    for folder in search_path.split(":"):
        candidate = Path(cwd, folder, name)
        if candidate.is_file():
            if os.access(candidate, os.X_OK):
                return str(candidate)
            not_executable = candidate
    if not_executable is not None:
        raise LaunchProblem(f"{not_executable} is not executable", NOT_EXECUTABLE, f"chmod +x {not_executable}")
    raise LaunchProblem(
        f"{name}: command not found in PATH {search_path}",
        NOT_FOUND,
        "write the command with its full path or set PATH in the job's env",
    )


def rlimits(limits: Limits) -> tuple[tuple[int, int, int], ...]:
    """The limits as setrlimit(2) takes them: resource, soft, hard."""
    wanted = (
        (resource.RLIMIT_DATA, limits.memory, 0),  # not RLIMIT_AS: space that is only reserved is no memory
        (resource.RLIMIT_CPU, limits.cpu, _CPU_AFTERTHOUGHT),
        (resource.RLIMIT_NOFILE, limits.open_files, 0),
        (resource.RLIMIT_NPROC, limits.processes, 0),
    )
    return tuple((kind, limit, limit + more) for kind, limit, more in wanted if limit is not None)


def _refuse_nul(texts: tuple[str, ...]) -> None:
    if "\0" in "".join(texts):
        raise LaunchProblem("the command or its environment holds a NUL byte, which no program can be given")
