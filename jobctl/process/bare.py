"""A command in the place of this process, as if jobctl had never been there."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from typing import NoReturn

from jobctl.process import identity
from jobctl.process.execute import NOT_EXECUTABLE, NOT_FOUND
from jobctl.process.problem import LaunchProblem


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
