"""What every attempt needs, whoever defined its command: jobctl's own variables, an absolute program, limits."""

import os
import resource
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jobctl.domain import run_id
from jobctl.domain.policies import Limits
from jobctl.domain.run import Run
from jobctl.errors import CannotStart
from jobctl.process import result
from jobctl.process.execute import NOT_EXECUTABLE, NOT_FOUND
from jobctl.process.problem import LaunchProblem
from jobctl.process.spec import Owner

_CPU_AFTERTHOUGHT = 5  # seconds between SIGXCPU, which a job may handle, and SIGKILL


class AttemptPlaces(NamedTuple):
    """Where attempts find and leave things; absolute paths."""

    config_path: Path
    state_dir: Path


def own_variables(run: Run, attempt: int, places: AttemptPlaces) -> dict[str, str]:
    """What jobctl tells every command, for one that runs as this process's own user. CannotStart: the disk refuses the
    folder for its result."""
    fixed = fixed_variables(run.job, places)
    return fixed | variables_of(run, run_id.to_text(run.id), attempt, str(places.state_dir), None)


def fixed_variables(job: str, places: AttemptPlaces) -> dict[str, str]:
    """Those of them that are the same for all attempts of a job."""
    return {
        "JOBCTL_JOB": job,
        "JOBCTL_CONFIG": str(places.config_path),
        "JOBCTL_STATE_DIR": str(places.state_dir),
    }


def variables_of(
    run: Run, text_id: str, attempt: int, state_dir: str, owner: Owner | None, *, make: bool = True
) -> dict[str, str]:
    """Those of one attempt; `owner` where it runs as another user. Without `make` no folder is made. CannotStart."""
    try:
        locate = result.prepare if make else result.path_for
        result_path = locate(state_dir, text_id, attempt, owner)
    except OSError as error:
        raise CannotStart(f"cannot make the folder for results: {error.strerror}", "see `jobctl doctor`") from None
    return {
        "JOBCTL_RUN_ID": text_id,
        "JOBCTL_ATTEMPT": str(attempt),
        "JOBCTL_ORIGIN": run.origin.word,
        "JOBCTL_SCHEDULED_FOR": _in_utc(run.due_at // 1000 if run.slot is None else run.slot),
        "JOBCTL_RESULT": result_path,
    }


@lru_cache(maxsize=8)
def _in_utc(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC).isoformat()[:19]}Z"


def executable(name: str, search_path: str, cwd: str) -> str:
    """The absolute path of a command; LaunchProblem when it is not found. Whether it may be executed is decided by
    exec, as the job's user."""
    if "/" in name:
        return os.path.normpath(Path(cwd, name)) if not name.startswith("/") else name
    not_executable = None
    for folder in search_path.split(":"):
        candidate = Path(cwd, folder, name)
        if os.path.isfile(candidate):  # noqa: PTH113  # a folder that is closed to the caller is passed over, as by a shell
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
