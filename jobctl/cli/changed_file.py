"""What the verbs that change the jobs file have in common: the difference, the writing, the daemon that is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jobctl.cli.invocation import Invocation
from jobctl.cli.render.json import dumps
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable
from jobctl.cli.render.words import counted
from jobctl.config.load import Loaded
from jobctl.config.safety import shown
from jobctl.errors import Interrupted, JobctlError, Problem
from jobctl.operations.adoption import FileChange, check_change, write_change
from jobctl.operations.reload import reload

_DOUBTS_SHOWN = 5
_MEANINGS = {"+": Meaning.GOOD, "-": Meaning.BAD, "@": Meaning.FAINT}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a change: the configuration as it is then, whether it was written, and whether the daemon has
    taken it (None: there is none)."""

    loaded: Loaded
    written: bool = False
    reloaded: bool | None = None


def carry_out(
    call: Invocation, change: FileChange, *, dry_run: bool = False, agreed: Callable[[], bool] | None = None
) -> Told:
    """Show the difference, write it unless it is only looked at, and have the daemon take it into force.

    Raises what keeps it from being written, Interrupted where a person has not `agreed`; then nothing has changed. A
    daemon that does not take it is told of.
    """
    told = Told(check_change(call.context, change))
    if not call.json:
        _print_diff(call, change)
    tell_doubts(call, told.loaded.warnings)
    if not dry_run:
        if agreed is not None and not agreed():
            raise Interrupted("nothing was written")
        told = Told(write_change(call.context, change), written=True, reloaded=_told_daemon(call))
    if call.json:
        call.console.print(dumps(_document(change, told)))
    return told


def tell_doubts(call: Invocation, doubts: Sequence[Problem]) -> None:
    """The first few with their places, and how many there are: as many as `check` finds."""
    for one in doubts[:_DOUBTS_SHOWN]:
        call.console.note(printable(f"{one.place}: {one.key}: {one.message}"))
    if doubts:
        call.console.note(f"{counted(len(doubts), 'warning')} in the file (`jobctl check`)")


def _told_daemon(call: Invocation) -> bool | None:
    if call.context.daemon_pid is None:
        call.console.note("no daemon is running: it holds from the next call or start on")
        return None
    try:
        done = reload(call.context)
    except JobctlError as error:
        call.console.complain(f"jobctl: the file is written, and the daemon has not taken it: {error.message}")
        return False
    call.console.note(f"reloaded: {counted(done.jobs, 'job')} in force")
    return True


def _print_diff(call: Invocation, change: FileChange) -> None:
    for line in change.diff.splitlines():
        call.console.print(call.console.style(printable(line), _MEANINGS.get(line[:1], Meaning.PLAIN)))


def _document(change: FileChange, told: Told) -> dict[str, Any]:
    return {
        "file": shown(change.path),
        "line": change.line,
        "diff": change.diff,
        "written": told.written,
        "reloaded": told.reloaded,
    }
