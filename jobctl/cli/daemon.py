"""`jobctl daemon`."""

import enum
from typing import TYPE_CHECKING, Annotated

from jobctl.cli.declared import option
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import invocation

if TYPE_CHECKING:
    import typer


class LogFormat(enum.Enum):
    """How the daemon writes its own log."""

    TEXT = "text"
    JSON = "json"


def command(
    ctx: "typer.Context",
    drain: Annotated[
        bool, option("--drain", help="SIGTERM waits for running jobs; a second one leaves them running.")
    ] = False,
    log_format: Annotated[
        LogFormat | None, option("--log-format", metavar="text|json", help="The daemon's own log, on stderr.")
    ] = None,
) -> int:
    """Start jobs when they are due, in the foreground.

    SIGHUP reloads the jobs file. SIGTERM stops starting and leaves; running jobs run on, and the next daemon takes
    them over. A newer jobctl that brings the database up to date ends it, too: with 1, so that it is started again.
    """
    from jobctl.wiring.service import run_daemon  # the whole daemon, which no other verb needs

    call = invocation(ctx)
    told_to_stop = run_daemon(
        call.config,
        call.state_dir,
        drain=drain,
        log_format=log_format.value if log_format else None,
        verbose=call.verbose,
        quiet=call.quiet,
    )
    return ExitStatus.DONE if told_to_stop else ExitStatus.FAILED
