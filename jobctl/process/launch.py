"""From a job and a run to the spec of one attempt. Everything that needs a lookup is looked up here, in the daemon:
the keeper only executes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jobctl.domain import run_id
from jobctl.domain.job import Job
from jobctl.domain.own_variables import is_set_by_jobctl
from jobctl.domain.run import Run
from jobctl.process import accounts, environment
from jobctl.process.accounts import Account
from jobctl.process.equipment import AttemptPlaces, executable, fixed_variables, rlimits, variables_of
from jobctl.process.execute import NOT_FOUND
from jobctl.process.payload import Payload, file_of, payload_of
from jobctl.process.problem import LaunchProblem
from jobctl.process.result import left_by
from jobctl.process.secret_values import secrets_among
from jobctl.process.spec import AttemptSpec

__all__ = ["AttemptPlaces", "LaunchProblem", "Recipe"]


class Recipe:
    """What all attempts of a job share as it is defined, worked out once: of a thousand runs each needs the same.

    What others may change meanwhile is looked up for each attempt: users, files, secrets, folders, programs.
    """

    def __init__(
        self,
        job: Job,
        places: AttemptPlaces,
        *,
        timezone: str | None = None,
        starters: Mapping[str, str] | None = None,
    ) -> None:
        """`timezone` is the default zone of the jobs file; the job's own goes first. `starters` is the environment of
        the process that starts it, this one's when left out."""
        execution = job.execution
        self.job = job
        self._folder = places.config_path.parent
        self._state_dir = str(places.state_dir)
        self._zone = job.triggers.timezone or timezone
        self._starters = starters
        self._env_file = None if execution.env_file is None else self._folder / execution.env_file
        self._fixed = fixed_variables(job.name, places)
        self._rlimits = rlimits(execution.limits)
        self._own_base: dict[str, str] | None = None
        if execution.user is None and execution.group is None:
            self._own_base = self._base(accounts.own_account())

    def spec(
        self,
        run: Run,
        attempt: int,
        token: bytes,
        log_path: str,
        *,
        extra_env: Mapping[str, str] | None = None,
        make: bool = True,
    ) -> AttemptSpec:
        """Resolve one attempt. LaunchProblem says in words why it cannot be executed, CannotStart that the disk
        refuses now.

        The run's payload comes in by itself; `extra_env` adds variables under `env_file` and `env`. Without `make` no
        folder is made for its result: nothing is going to be executed.
        """
        execution, text_id = self.job.execution, run_id.to_text(run.id)
        given = payload_of(self.job, run)
        account = accounts.resolve(execution.user, execution.group)
        env = dict(self._own_base or self._base(account))
        env |= variables_of(run, text_id, attempt, self._state_dir, account.owner, make=make)
        params_file = None
        if given.contents is not None:
            foreign = account.owner is not None
            params_file = file_of(self._state_dir, text_id, attempt, foreign=foreign), given.contents
            env["JOBCTL_PARAMS_FILE"] = params_file[0]
        env |= given.variables
        if extra_env:
            env |= extra_env
        secrets: tuple[bytes, ...] = ()
        if self._env_file is not None or execution.env:
            own, secrets = self._own_env(account)
            env |= own
        cwd = _directory(execution.cwd, account, self._folder)
        command = _command(self.job, given)
        _refuse_nul((*command, *env.values()))
        return AttemptSpec(
            token, text_id, attempt, (executable(command[0], env["PATH"], cwd), *command[1:]), env, cwd, log_path,
            account.owner, execution.umask, execution.nice, self._rlimits, execution.timeout, execution.grace,
            execution.max_log_size, given.stdin, params_file,
            left_by(self._state_dir, text_id, attempt, account.owner) if secrets else (), secrets,
        )  # fmt: skip

    def _base(self, account: Account) -> dict[str, str]:
        return environment.base(account, self._zone, self._starters) | self._fixed

    def _own_env(self, account: Account) -> tuple[dict[str, str], tuple[bytes, ...]]:
        """What the job sets by itself, read now, and what of it is secret, in all spellings. What jobctl tells it of
        itself is not for the file to say."""
        owners = {0, os.geteuid(), account.uid}
        from_file = {} if self._env_file is None else environment.from_file(self._env_file, owners)
        own = environment.from_job(self.job.execution.env, owners, self._starters)
        secrets = secrets_among(self.job.execution, from_file, own)
        set_by_job = {
            name: value for name, value in (from_file | own).items() if not is_set_by_jobctl(name, self.job.params)
        }
        if not secrets:
            return set_by_job, ()
        from jobctl.domain.masking import byte_forms  # regular expressions for jobs with secrets

        return set_by_job, byte_forms(secrets)


def _command(job: Job, given: Payload) -> tuple[str, ...]:
    command = (*job.execution.shell, job.command) if isinstance(job.command, str) else given.command or job.command
    if not command or not command[0]:
        raise LaunchProblem("the command is empty", NOT_FOUND, "give the job a `command`")
    return command


def _directory(cwd: str | None, account: Account, folder: Path) -> str:
    if cwd is None:
        return accounts.home_or_root(account)
    if cwd == "~" or cwd.startswith("~/"):
        cwd = account.home + cwd[1:]
    return str(folder / cwd)


def _refuse_nul(texts: tuple[str, ...]) -> None:
    if "\0" in "".join(texts):
        raise LaunchProblem("the command or its environment holds a NUL byte, which no program can be given")
