"""The way in: parse the call, do it, and turn every error into a sentence and an exit status, here and nowhere else.

`jobctl --version` is answered before anything is imported.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobctl.cli.invocation import Invocation


def main() -> NoReturn:
    """Entry point of the command `jobctl`."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print_version()
        sys.exit(0)
    sys.exit(call(arguments))


def print_version() -> None:
    from jobctl import __version__

    print(f"jobctl {__version__}")


def call(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status. Nothing but SystemExit of a child leaves here."""
    from jobctl.cli.invocation import Invocation

    invocation = Invocation(json="--json" in arguments)
    try:
        status = _dispatch(arguments, invocation)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        return _reader_gone()
    except KeyboardInterrupt:
        from jobctl.cli.exit_status import ExitStatus

        return ExitStatus.INTERRUPTED
    except Exception as error:
        from jobctl.cli.complaint import complain

        return complain(error, invocation)
    finally:
        invocation.close()


def _dispatch(arguments: Sequence[str], invocation: Invocation) -> int:
    import typer

    from jobctl.cli.group import VerbGroup

    group = VerbGroup()
    try:
        with group.make_context("jobctl", list(arguments), obj=invocation) as context:
            result = group.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return result if isinstance(result, int) else 0


def _reader_gone() -> int:
    """End as quietly as `seq 1000000 | head -1` does. What is still buffered goes nowhere instead of failing again."""
    import os

    from jobctl.cli.exit_status import ExitStatus

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitStatus.BROKEN_PIPE
