"""`jobctl completion`: the script that was written with the package, so that a shell that starts waits for no table."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

import jobctl
from jobctl.errors import JobctlError
from jobctl.presence import is_file

_PACKAGE = Path(jobctl.__file__).parent
# In an installed package the scripts lie within it, in a checkout beside it.
_FOLDERS = (_PACKAGE / "completions", _PACKAGE.parent / "completions")


class Shell(Enum):
    """A shell, by the name of its script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"

    @property
    def file_name(self) -> str:
        return "_jobctl" if self is Shell.ZSH else f"jobctl.{self.value}"


def command(
    ctx: typer.Context, shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="Whose script.")]
) -> None:
    """Print the script that completes verbs, options, jobs, groups, tags, queues, channels and the newest runs.

    bash: `source <(jobctl completion bash)` in ~/.bashrc. zsh: `source <(jobctl completion zsh)` in ~/.zshrc, after
    compinit. fish: `jobctl completion fish > ~/.config/fish/completions/jobctl.fish`.
    """
    for folder in _FOLDERS:
        script = folder / shell.file_name
        if is_file(script):
            sys.stdout.write(script.read_text(encoding="utf-8"))
            return
    raise JobctlError(f"the script for {shell.value} is not part of this installation", "install jobctl anew")
