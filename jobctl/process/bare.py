"""A command in the place of this process, as if jobctl had never been there."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Mapping, Sequence
from typing import NoReturn

from jobctl.process import identity
from jobctl.process.execute import NOT_EXECUTABLE, NOT_FOUND, change_user
from jobctl.process.problem import LaunchProblem
from jobctl.process.spec import AttemptSpec


def become_within(spec: AttemptSpec, argv: Sequence[str]) -> NoReturn:
    """Execute something else with the environment, user, limits, niceness, umask and folder of an attempt.
    LaunchProblem says why it cannot be."""
    step = "set its limits"
    try:
        for kind, soft, hard in spec.rlimits:
            resource.setrlimit(kind, (soft, hard))
        step = f"set its niceness to {spec.nice}"
        if spec.nice is not None:
            os.setpriority(os.PRIO_PROCESS, 0, spec.nice)
        step = "become its user"
        if spec.owner is not None:
            change_user(spec.owner.uid, spec.owner.gid, spec.owner.groups)
        step = f"enter {spec.cwd}"
        os.chdir(spec.cwd)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LaunchProblem(f"cannot {step}: {reason}", NOT_EXECUTABLE) from None
    if spec.umask is not None:
        os.umask(spec.umask)
    become(argv, spec.env)


def callers_environment() -> dict[str, str]:
    """The environment that this process was executed with. Python adds to its own: LC_CTYPE where there is no locale,
    as in a crontab."""
    given = [os.fsdecode(entry).partition("=") for entry in identity.environment(os.getpid()) if b"=" in entry]
    return {name: value for name, _, value in given} if given else dict(os.environ)


def become(argv: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Execute the command in this process's folder, with its streams. LaunchProblem says why it cannot be."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what is ignored stays so
    try:
        os.execvpe(argv[0], list(argv), env)
    except FileNotFoundError:
        raise LaunchProblem(f"{argv[0]}: command not found", NOT_FOUND) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LaunchProblem(f"{argv[0]}: cannot be executed: {reason}", NOT_EXECUTABLE) from None
