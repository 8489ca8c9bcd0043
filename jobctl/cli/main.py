"""The way in: parse the call, do it, and turn every error into a sentence and an exit status, here and nowhere else.

`jobctl --version` is answered before anything is imported, and `jobctl progress` with hardly anything: a job may say
in a loop how far it is. Verbs that only look, `exec`, `enqueue` and `daemon` do without typer where the call is plain.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobctl.cli.invocation import Invocation

# Imports and listings make many objects and no garbage: looking for it at each 700th, as Python does, takes 10 ms.
_COLLECT_AFTER = 200_000


def main() -> NoReturn:
    """Entry point of the command `jobctl`."""
    gc.set_threshold(_COLLECT_AFTER)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _stand_in_for_closed_streams()
    _buffer_stdout()
    arguments = sys.argv[1:]
    try:
        status = 0 if _is_done_at_once(arguments) else call(arguments)
    except KeyboardInterrupt:  # a second one, while the first was being dealt with
        from jobctl.cli.exit_status import ExitStatus

        status = ExitStatus.INTERRUPTED
    _leave(status)


def _is_done_at_once(arguments: list[str]) -> bool:
    """Whether that was all; when it was not, the usual way does it again and says what is wrong."""
    if arguments == ["--version"]:
        return _told_version()
    if arguments[:1] == ["progress"]:
        from jobctl.cli.quick_progress import said_quickly

        return said_quickly(arguments[1:])
    return False


def _told_version() -> bool:
    from jobctl.cli.version import print_version

    try:
        print_version()
        sys.stdout.flush()
    except OSError:
        return False
    return True


def call(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status. Nothing but SystemExit of a child leaves here."""
    from jobctl.cli.invocation import Invocation

    invocation = Invocation(json=_asks_for_json(arguments))
    try:
        status = _dispatch(arguments, invocation)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        from jobctl.cli.exit_status import ExitStatus

        _drop_output()  # and end as quietly as `seq 1000000 | head -1` does
        return ExitStatus.BROKEN_PIPE
    except KeyboardInterrupt:
        from jobctl.cli.exit_status import ExitStatus

        _wait_for_no_reader()
        _write_what_is_left()
        return ExitStatus.INTERRUPTED
    except Exception as error:
        from jobctl.cli.complaint import complain

        if not _write_what_is_left() and isinstance(error, OSError) and error.filename is None:
            error.filename = "standard output"
        return complain(error, invocation)
    finally:
        invocation.close()


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """So that also a call that cannot be parsed is answered as it wants. What follows `exec` may be another's."""
    return "--json" in arguments and "exec" not in arguments


def _dispatch(arguments: Sequence[str], invocation: Invocation) -> int:
    from jobctl.cli.quick_look import look, plain_call

    if (plain := plain_call(arguments)) is not None:
        return look(plain, invocation)
    import typer

    from jobctl.cli.group import VerbGroup

    group = VerbGroup()
    try:
        with group.make_context("jobctl", list(arguments), obj=invocation) as context:
            result = group.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return result if isinstance(result, int) else 0


def _leave(status: int) -> NoReturn:
    """End without taking the interpreter apart, which costs more than the work of most verbs: what was opened is
    closed by now, and stdout is written."""
    try:
        sys.stderr.flush()
    finally:  # also when nobody reads it any more
        os._exit(status)


def _stand_in_for_closed_streams() -> None:
    """What is written to a stream that the caller has closed goes nowhere, and is no mistake of the verb."""
    from jobctl.process.standard_streams import open_standard_streams  # for such a caller only

    open_standard_streams()
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def _buffer_stdout() -> None:
    """Undo PYTHONUNBUFFERED for stdout: without a buffer Python takes a partial write for a whole one, and what a
    reader or a full disk did not take would be lost without a word."""
    import io

    raw = getattr(sys.stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        buffered = io.BufferedWriter(raw)
        sys.stdout = io.TextIOWrapper(buffered, encoding=sys.stdout.encoding, line_buffering=sys.stdout.isatty())


def _write_what_is_left() -> bool:
    """Data that came before an error is shown before it. False: stdout takes no more, and must not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
        return False
    return True


def _wait_for_no_reader() -> None:
    """From here on stdout takes what its reader takes at once: after Ctrl-C nobody waits for one that has stopped."""
    import stat

    number = sys.stdout.fileno()
    if stat.S_ISREG(os.fstat(number).st_mode):
        return
    try:  # opened anew, for the flag would hold for everybody who has this pipe or terminal open
        own = os.open(f"/proc/self/fd/{number}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:  # a socket, or somebody else's terminal
        _drop_output()
        return
    os.dup2(own, number)
    os.close(own)


def _drop_output() -> None:
    from jobctl.cli.render.console import discard

    discard(sys.stdout)
