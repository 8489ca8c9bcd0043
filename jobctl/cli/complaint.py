"""The one printer of errors: text or JSON on stderr, and the exit status that belongs to the error."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from typer._click.exceptions import ClickException, NoArgsIsHelpError, NoSuchOption

from jobctl.cli.exit_status import ExitStatus, of_error
from jobctl.cli.invocation import Invocation
from jobctl.cli.render.style import Meaning
from jobctl.errors import JobctlError, JobsFileError

_STRAY = re.compile(r"Got unexpected extra argument\(s\) \((\S+?)(?: .*)?\)")
_INSTEAD_OF_WORDS = {  # of verbs that take none; the first word that was given
    "jobctl pause": "`jobctl pause --queue {0}` holds the starts of a queue, `jobctl disable {0}` those of a job",
    "jobctl resume": "`jobctl resume --queue {0}` lets the starts of a queue go on, `jobctl enable {0}` those of a job",
}
_WAYS_OUT = {
    errno.ENOSPC: "free some space there and call again",
    errno.EDQUOT: "free some of your quota there and call again",
    errno.EROFS: "that file system is mounted read-only: name another place, or mount it for writing",
}


def complain(error: Exception, invocation: Invocation) -> int:
    """Say what went wrong and return the exit status."""
    if isinstance(error, NoArgsIsHelpError):
        invocation.console.complain(error.format_message())
        return ExitStatus.USAGE
    message, hint, status = _words(error)
    tell(message, hint, status, invocation, _problems(error))
    if invocation.verbose and not isinstance(error, ClickException):
        import traceback  # only for those who asked for it

        traceback.print_exception(error)
    return status


def tell(
    message: str, hint: str, status: int, invocation: Invocation, more: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """One sentence and one next step, or none, as text or as the `error` of a document, to which `more` is added."""
    if invocation.json:
        data: dict[str, Any] = {"code": int(status), "message": message, "hint": hint or None}
        # In ASCII: what stderr cannot take would become an escape of Python's, which no JSON has.
        invocation.console.complain(json.dumps({"error": {**data, **more}}))
    else:
        _print(message, hint, invocation)


def _words(error: Exception) -> tuple[str, str, int]:
    if isinstance(error, JobctlError):
        return error.message, error.hint, of_error(error)
    if isinstance(error, ClickException):
        return *_usage(error), ExitStatus.USAGE
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}", _WAYS_OUT.get(error.errno or 0, ""), ExitStatus.FAILED
    return (
        f"unexpected {type(error).__name__}: {error}",
        "this is a mistake in jobctl: please report it with what the same call says with -v",
        ExitStatus.FAILED,
    )


def _usage(error: ClickException) -> tuple[str, str]:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "jobctl"
    if isinstance(error, NoSuchOption):
        near = " or ".join(f"`{option}`" for option in _near(error.option_name, error.possibilities or ()))
        hint = f"did you mean {near}?" if near else f"`{path} --help` lists the options"
        if error.option_name == "--job" and context is not None and _takes_jobs(context.command):
            hint = f"jobs are named without an option: `{path} JOB`"
        return f"there is no option `{error.option_name}`", hint
    message = error.format_message().rstrip(".")
    words = _STRAY.fullmatch(message)
    hint = _INSTEAD_OF_WORDS.get(path, "").format(words[1]) if words is not None else ""
    return message[:1].lower() + message[1:], hint or f"see `{path} --help`"


def _near(option: str, possibilities: Sequence[str]) -> list[str]:
    """Those that are alike without the dashes, which make all options alike; the nearest first."""
    from difflib import get_close_matches  # for mistakes

    bare = {one.lstrip("-"): one for one in possibilities}
    return [bare[name] for name in get_close_matches(option.lstrip("-"), bare)]


def _takes_jobs(command: Any) -> bool:
    arguments = (one for one in command.params if one.param_type_name == "argument")
    return any(str(one.metavar).startswith("JOB") for one in arguments)


def _problems(error: Exception) -> dict[str, Any]:
    if not isinstance(error, JobsFileError) or not error.problems:
        return {}
    from jobctl.cli.render.json import problem_document  # its types are needed for nothing else here

    return {"problems": [problem_document(problem) for problem in error.problems]}


def _print(message: str, hint: str, invocation: Invocation) -> None:
    console = invocation.console
    first, *others = message.split("\n")
    console.complain(f"{console.err_style('jobctl:', Meaning.BAD)} {first}")
    for line in others:
        console.complain(line)
    for line in hint.split("\n") if hint else ():
        console.complain(f"  {console.err_style(line, Meaning.FAINT)}")
