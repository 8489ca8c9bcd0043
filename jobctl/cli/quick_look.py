"""`jobctl list`, `status` and `history` in their plain forms, with jobs and global options at most, without typer: to
import it takes longer than what these verbs do (tests/benchmarks/verbs.py).

Their own options, help, and every word that is not understood here are left to typer.
"""

from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import NamedTuple

from jobctl.cli.global_options import GLOBAL_OPTIONS, GlobalOption
from jobctl.cli.invocation import Invocation

QUICK = frozenset({"list", "status", "history"})
_OPTIONS = {name: option for option in GLOBAL_OPTIONS for name in option.names}


class PlainCall(NamedTuple):
    """A verb, the jobs it is asked for, and the global options with their values."""

    verb: str
    jobs: list[str]
    options: list[tuple[GlobalOption, str | None]]


def plain_call(arguments: Sequence[str]) -> PlainCall | None:
    """The call, when nothing in it needs typer."""
    names: list[str] = []
    options: list[tuple[GlobalOption, str | None]] = []
    words = iter(arguments)
    for word in words:
        if (option := _OPTIONS.get(word)) is not None:
            value = None if option.metavar is None else next(words, "-")
            if value is not None and value.startswith("-"):
                return None
            options.append((option, value))
        elif word.startswith("-") or not (names or word in QUICK):
            return None
        else:
            names.append(word)
    return PlainCall(names[0], names[1:], options) if names else None


def look(plain: PlainCall, invocation: Invocation) -> None:
    """Do what was asked. Raises what the verb raises."""
    for option, value in plain.options:
        option.store(invocation, value)
    invocation.only_looks = True
    command = import_module(f"jobctl.cli.{plain.verb}").command
    command(SimpleNamespace(obj=invocation), plain.jobs or None)
