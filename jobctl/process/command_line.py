"""From a command line that somebody types or a crontab has to the spec of its one attempt."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from jobctl.domain.policies import Bounds
from jobctl.domain.run import Run
from jobctl.domain.run_id import to_text
from jobctl.presence import is_there
from jobctl.process.equipment import AttemptPlaces, executable, own_variables, rlimits
from jobctl.process.spec import AttemptSpec


def exec_spec(
    run: Run, token: bytes, places: AttemptPlaces, bounds: Bounds, argv: Sequence[str], env: Mapping[str, str]
) -> AttemptSpec:
    """The first attempt of `run`: `argv` as its caller would execute it here, with this environment and jobctl's own
    variables, within the timeout and the limits of `bounds`. Its streams are those of its keeper.

    LaunchProblem says in words why it cannot be executed, CannotStart that the disk refuses now.
    """
    cwd = _here()
    own = own_variables(run, 1, places)
    if not is_there(places.config_path):
        del own["JOBCTL_CONFIG"]  # a jobctl that the command calls would take it for a file that somebody named
    return AttemptSpec(
        token=token,
        run_id=to_text(run.id),
        attempt=1,
        argv=(executable(argv[0], env.get("PATH", os.defpath), cwd), *argv[1:]),
        env={**env, **own},
        cwd=cwd,
        log_path="",
        rlimits=rlimits(bounds.limits),
        timeout=bounds.timeout,
        grace=bounds.grace,
        max_log_size=bounds.max_log_size,
    )


def _here() -> str:
    """The folder this process is in. One that was removed is entered again by way of the process itself."""
    try:
        return os.getcwd()  # noqa: PTH109 - a text, for a text
    except FileNotFoundError:
        return f"/proc/{os.getpid()}/cwd"
