"""`jobctl edit`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli.changed_file import carry_out
from jobctl.cli.complaint import complain
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import invocation
from jobctl.cli.questions import agrees, is_answered
from jobctl.config.safety import shown
from jobctl.errors import JobctlError, JobsFileError, Refused
from jobctl.operations.adoption import FileChange, check_change, plan_edit
from jobctl.presence import is_there

_FALLBACKS = ("sensible-editor", "editor", "nano", "vim", "vi")
_TAKE_A_LINE = frozenset(
    {*_FALLBACKS, "vim.basic", "vim.tiny", "nvim", "view", "emacs", "emacsclient", "micro", "joe", "mg"}
)


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A job, to begin at its line, in the file that has it.")
    ] = None,
) -> None:
    """Edit the jobs file with $VISUAL or $EDITOR, on a copy: what is wrong with it never reaches the daemon.

    At a terminal a mistake can be mended at once; elsewhere the copy is kept and named.
    """
    call = invocation(ctx)
    call.broken_file_serves = True  # it is what mends one
    change = plan_edit(call.context, name)
    folder = Path(tempfile.mkdtemp(prefix="jobctl-edit-"))  # only its owner may enter
    copy = folder / change.path.name
    copy.write_bytes(change.before)
    try:
        edited = _edited(call, change, copy)
        if edited.is_empty:
            call.console.note("nothing was changed")
        else:
            carry_out(call, edited)
    except JobctlError as error:
        if not is_there(copy) or copy.read_bytes() == change.before:
            shutil.rmtree(folder)
            raise
        error.hint = f"{error.hint}\nwhat you wrote is kept in {copy}".lstrip("\n")
        raise
    shutil.rmtree(folder)


def _edited(call: Invocation, change: FileChange, copy: Path) -> FileChange:
    """The change as it is when the editor is closed; at a terminal asked for again until it is right."""
    while True:
        _open_editor(copy, change.line)
        edited = replace(change, after=copy.read_bytes())
        if edited.is_empty or not is_answered():
            return edited
        try:
            check_change(call.context, edited)
            return edited
        except JobsFileError as error:
            complain(error, call)
            if not agrees(call, "Edit again?"):
                raise Refused(f"{shown(change.path)} was not changed") from None


def _open_editor(copy: Path, line: int) -> None:
    words = _editor()
    place = [f"+{line}"] if line > 1 and Path(words[0]).name in _TAKE_A_LINE else []
    try:
        status = subprocess.run([*words, *place, str(copy)], check=False).returncode
    except OSError as error:
        raise JobctlError(f"cannot start the editor {words[0]}: {error.strerror}", "set VISUAL or EDITOR") from None
    if status != 0:
        raise JobctlError(f"the editor {words[0]} ended with exit status {status}", "nothing was changed")
    if not is_there(copy):
        raise JobctlError(f"the editor {words[0]} has deleted the copy", "nothing was changed")


def _editor() -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError:
            raise JobctlError(f"a quote in {variable} is not closed", f"set {variable} to your editor") from None
        if words:
            return words
    found = next((name for name in _FALLBACKS if shutil.which(name)), None)
    if found is None:
        raise JobctlError("there is no editor", "set VISUAL or EDITOR to the one that you use")
    return [found]
