"""`jobctl exec`: a command that something else fires, kept as a run; its output and exit status are the command's."""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated

from jobctl.cli.declared import Declared, option
from jobctl.cli.exit_status import ExitStatus, of_end
from jobctl.cli.invocation import Invocation, invocation
from jobctl.config.names import NAME_EXPECTED, NAME_PATTERN
from jobctl.domain.outcome import signal_name
from jobctl.errors import UsageError
from jobctl.operations.recording import CalledOff, NotRecorded, keeper_with, recording
from jobctl.process.bare import become, callers_environment
from jobctl.process.forwarding import Forwarding
from jobctl.process.passage import Passage
from jobctl.process.problem import LaunchProblem

if TYPE_CHECKING:
    import typer

    from jobctl.domain.outcome import AttemptEnd

ENDS_OPTIONS = True  # what follows the first word is the command's own


def command(
    ctx: "typer.Context",
    words: Annotated[list[str], Declared((), "The command, as it is without jobctl.", "-- CMD...")],
    name: Annotated[str, option("--name", "-n", metavar="NAME", help="The job that its runs belong to.")],
) -> int:
    """Run a command now, exactly as without jobctl, and keep it as a run: for jobs that cron or a script fires.

    If no record can be kept, the command runs all the same, with a warning on stderr.
    """
    call = invocation(ctx)
    call.missing_file_serves = call.broken_file_serves = True  # the command comes first
    _check(name, words)
    environment = callers_environment()
    try:
        return _recorded(call, name, words, environment)
    except CalledOff as called_off:
        _tell(call, called_off.message)
        return 128 + called_off.number
    except NotRecorded as problem:
        with suppress(OSError):
            call.console.complain(f"jobctl: {name} runs without a record: {problem.message}")
    call.close()
    return _bare(call, words, environment)


def _recorded(call: Invocation, name: str, words: Sequence[str], environment: Mapping[str, str]) -> int:
    with ExitStack() as closing:
        with recording():
            passage = Passage()  # a fork, which is to share nothing that is opened after it
            closing.callback(passage.close)
        forwarding = closing.enter_context(Forwarding())
        try:
            with recording():
                pool = closing.enter_context(keeper_with(call.context, passage.streams))
                from jobctl.operations.execution import Execution  # while the keeper gets ready: it takes as long
            _heed(forwarding, name)
            execution = Execution(call.context, name, passage, pool, forwarding, lambda said: _tell(call, said))
            end = execution.run(words, environment)
        except NotRecorded:
            _heed(forwarding, name)
            raise
        return _status(call, end, is_cut_short=execution.is_cut_short)


def _heed(forwarding: Forwarding, name: str) -> None:
    """Nothing has been started yet: who wants it to stop has it so."""
    for number in forwarding.take():
        raise CalledOff(f"{name} was not started: {signal_name(number)} came before", number)


def _status(call: Invocation, end: "AttemptEnd", *, is_cut_short: bool) -> int:
    status = of_end(end)
    if end.error is not None:
        _complain(call, end.error, status)
    return status or (ExitStatus.FAILED if is_cut_short else ExitStatus.DONE)


def _bare(call: Invocation, words: Sequence[str], environment: Mapping[str, str]) -> int:
    try:
        become(words, environment)
    except LaunchProblem as problem:
        _complain(call, problem.message, problem.exit_code)
        return problem.exit_code


def _check(name: str, words: Sequence[str]) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(f"`{name}` cannot be the name of a job", f"expected {NAME_EXPECTED}")
    if not words[0]:
        raise UsageError("the command is empty", "write `jobctl exec --name NAME -- CMD…`")


def _complain(call: Invocation, sentence: str, status: int) -> None:
    from jobctl.cli.complaint import tell  # for commands that cannot be executed

    with suppress(OSError):
        tell(sentence, "", status, call)


def _tell(call: Invocation, sentence: str) -> None:
    with suppress(OSError):  # the command matters more than what is said of it
        call.console.note(f"jobctl: {sentence}")
