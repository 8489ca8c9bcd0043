"""The values of a job's variables that nobody is to see, read anew from where an attempt would get them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from jobctl.domain.job import Execution
from jobctl.process import accounts, environment
from jobctl.process.problem import LaunchProblem

_SHORTEST_IN_ENV_FILE = 8  # such files also hold `production` and `true`; what is in `secrets` is masked all the same


def secret_values(execution: Execution, config_path: Path, starters: Mapping[str, str] | None = None) -> frozenset[str]:
    """What `jobctl.domain.masking` is to take out: the values of `secrets`, of `{ file = … }` and `{ env = … }`, and
    those of `env_file` that are eight characters or longer. `starters`: the environment of the daemon, where that is
    not this process; a variable may have been taken from either.

    What cannot be read now is left out (`unknown_secrets`): the attempt did not get it either, or it has been changed
    since.
    """
    from_file: dict[str, str] = {}
    if execution.env_file is not None:
        with suppress(LaunchProblem):
            from_file = environment.from_file(config_path.parent / execution.env_file, _owners(execution))
    sources = (None,) if starters is None else (None, starters)
    return frozenset().union(*(secrets_among(execution, from_file, _readable(execution, own)) for own in sources))


def secrets_among(execution: Execution, from_file: Mapping[str, str], own: Mapping[str, str]) -> frozenset[str]:
    """Which of the values that an attempt is given by its `env_file` and by its `env` are secret."""
    values = {**from_file, **own}
    referred = {value for name, value in own.items() if not isinstance(execution.env[name], str)}
    long = {value for value in from_file.values() if len(value) >= _SHORTEST_IN_ENV_FILE}
    return frozenset(referred | long | {values[name] for name in execution.secrets if name in values})


def _readable(execution: Execution, starters: Mapping[str, str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, reference in execution.env.items():
        with suppress(LaunchProblem):
            found |= environment.from_job({name: reference}, starters=starters)
    return found


def unknown_secrets(
    execution: Execution, config_path: Path, starters: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """What `secret_values` has to leave out, a reason each."""
    found = {**os.environ, **(starters or {})}
    problems = []
    for name, reference in execution.env.items():
        try:
            environment.from_job({name: reference}, starters=found)
        except LaunchProblem as problem:
            problems.append(problem.message)
    if execution.env_file is not None:
        try:
            environment.from_file(config_path.parent / execution.env_file, _owners(execution))
        except LaunchProblem as problem:
            problems.append(problem.message)
    return tuple(problems)


def _owners(execution: Execution) -> set[int]:
    """Who may own an `env_file`: root, the daemon, the job's user."""
    owners = {0, os.geteuid()}
    with suppress(LaunchProblem):
        owners.add(accounts.resolve(execution.user, execution.group).uid)
    return owners
