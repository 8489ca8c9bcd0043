"""The values of a job's variables that nobody is to see, read anew from where an attempt would get them."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from jobctl.domain.job import Execution
from jobctl.process import environment
from jobctl.process.problem import LaunchProblem

_SHORTEST_IN_ENV_FILE = 8  # such files also hold `production` and `true`; what is in `secrets` is masked all the same


def secret_values(execution: Execution, config_path: Path, owners: Collection[int] = ()) -> frozenset[str]:
    """What `jobctl.domain.masking` is to take out: the values of `secrets`, of `{ file = … }` and `{ env = … }`, and
    those of `env_file` that are eight characters or longer.

    What cannot be read now is left out: the attempt did not get it either, or it has been changed since. `owners` are
    the users, besides root and the caller, that may own the `env_file`.
    """
    values = {name: value for name, value in execution.env.items() if isinstance(value, str)}
    secret: set[str] = set()
    for name, reference in execution.env.items():
        with suppress(LaunchProblem):
            if not isinstance(reference, str):
                secret |= set(environment.from_job({name: reference}).values())
    if execution.env_file is not None:
        with suppress(LaunchProblem):
            path = config_path.parent / execution.env_file
            from_file = environment.from_file(path, {0, os.geteuid(), *owners})
            secret |= {value for value in from_file.values() if len(value) >= _SHORTEST_IN_ENV_FILE}
            values = from_file | values
    return frozenset(secret | {values[name] for name in execution.secrets if name in values})
