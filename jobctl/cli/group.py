"""`jobctl` and its verbs: a verb's module is imported when it is called, and every verb takes the global options."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from jobctl.cli.command_line import Words
from jobctl.cli.declare import Context
from jobctl.cli.invocation import Invocation
from jobctl.cli.options import GLOBAL_OPTIONS, HELP, VERSION
from jobctl.cli.parameters import Parameter, parameters_of
from jobctl.cli.verbs import PANELS, VERBS
from jobctl.cli.version import print_version
from jobctl.errors import UsageError

_NAME = "jobctl"
_HELP = "The job runner for a machine you care about: what ran, what runs, what is next, what failed and why."
_EPILOG = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 jobs file, 4 not found, 5 daemon, 6 refused."
_OF_THE_GROUP = (*GLOBAL_OPTIONS, VERSION, HELP)

Found = Iterable[tuple[Parameter, Any]]


class VerbCommand:
    """A verb: its function and all that a call of it may say."""

    def __init__(self, name: str) -> None:
        self.path = f"{_NAME} {name}"
        self.function: Callable[..., int | None] = import_module(f"jobctl.cli.{name}").command
        self.help = self.function.__doc__ or ""
        self.own = parameters_of(self.function)
        self.params = [*self.own, *GLOBAL_OPTIONS, HELP]

    def call(self, words: Sequence[str], invocation: Invocation) -> int:
        """Do what the words say, and return the exit status."""
        line = Words(self.path, self.params)
        found, others = line.all(words)
        if _asks_for(HELP, found):
            print(self.help_screen())
            return 0
        _store(found, invocation)
        values = line.values(found, others)
        status = self.function(Context(invocation), **{one.name: values[one.name] for one in self.own})
        return status if isinstance(status, int) else 0

    def help_screen(self) -> str:
        """What `jobctl VERB --help` prints."""
        from jobctl.cli.help_screen import entries_of, screen, usage_of  # for those who ask

        arguments, options = entries_of(self.params)
        return screen(usage_of(self.path, self.own), self.help, [("Arguments", arguments), ("Options", options)])


def run(words: Sequence[str], invocation: Invocation) -> int:
    """Do what the words of a call say, and return the exit status. `jobctl help VERB` is `jobctl VERB --help`."""
    found, rest = Words(_NAME, _OF_THE_GROUP).leading(words)
    if _asks_for(HELP, found):
        print(group_help())
        return 0
    if _asks_for(VERSION, found):
        print_version()
        return 0
    _store(found, invocation)
    if rest and rest[0] == "--":
        rest = rest[1:]
    if not rest:
        print(group_help(), file=sys.stderr)
        return 2
    if rest[0] == "help":
        rest = [*rest[1:2], "--help"]
    if rest[0] == "--help":
        print(group_help())
        return 0
    if rest[0] not in VERBS:
        _no_such_verb(rest[0])
    return VerbCommand(rest[0]).call(rest[1:], invocation)


def group_help() -> str:
    """What `jobctl --help` prints; no verb is imported for it."""
    from jobctl.cli.help_screen import entries_of, screen  # for those who ask

    _, options = entries_of(_OF_THE_GROUP)
    verbs = [(panel, [(name, verb.summary) for name, verb in VERBS.items() if verb.panel == panel]) for panel in PANELS]
    return screen(f"{_NAME} [OPTIONS] VERB [ARGS]...", _HELP, [("Options", options), *verbs], _EPILOG)


def _asks_for(parameter: Parameter, found: Found) -> bool:
    return any(one is parameter for one, _ in found)


def _store(found: Found, invocation: Invocation) -> None:
    for parameter, value in found:
        if parameter in GLOBAL_OPTIONS:
            setattr(invocation, parameter.name, value)


def _no_such_verb(name: str) -> NoReturn:
    from difflib import get_close_matches  # 2 ms, for this mistake only

    near = get_close_matches(name, VERBS, n=3)
    meant = " or ".join(f"`{verb}`" for verb in near)
    raise UsageError(
        f"there is no verb `{name}`", f"did you mean {meant}?" if near else "`jobctl --help` lists the verbs"
    )
