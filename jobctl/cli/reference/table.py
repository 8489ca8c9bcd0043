"""The verbs with their options and arguments as data, read from the functions that are the verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jobctl.cli.group import VerbGroup
from jobctl.cli.options import global_options, version_option
from jobctl.cli.render.run_choice import NAMES
from jobctl.cli.render.top.view import Sort
from jobctl.cli.verbs import VERBS
from jobctl.config.job_keys import SEVERITIES
from jobctl.domain.policies import Overlap
from jobctl.domain.run import Origin, Status

# What the metavar of an option or argument says of the words that may stand there. Others are free.
_KINDS = {
    "JOB": "job",
    "RUN": "run",
    "GROUP": "group",
    "TAG": "tag",
    "QUEUE": "queue",
    "CHANNEL": "channel",
    "FILE": "file",
    "PATH": "file",
    "-- CMD": "command",
    "DIR": "dir",
    "STATUS": "list:" + ",".join(status.word for status in Status),
    "ORIGIN": "list:" + ",".join(origin.word for origin in Origin),
    "SIGNAL": "words:TERM,INT,HUP,QUIT,USR1,USR2,KILL",
}
# The same for one verb.
_KINDS_OF_VERBS = {
    "stats --by": "words:cpu,mem,time,failures,wait",
    "top --sort": "words:" + ",".join(order.value for order in Sort),
    "history --columns": "list:" + ",".join(NAMES),
    "add --overlap": "words:" + ",".join(one.value for one in Overlap),
    "add --alert": "words:" + ",".join(SEVERITIES),
    "cancel --signal": _KINDS["SIGNAL"],
    "exec --name": "job",
    "remove NAME": "job",
    "edit NAME": "job",
}
# Of which runs a verb of runs makes sense.
_RUNS = {"cancel": "active", "wait": "active", "retry": "retryable", "dismiss": "dead", "delete": "ended"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `metavar` None: a flag. `kind` names what completes its value; empty: nothing does."""

    names: tuple[str, ...]
    metavar: str | None
    kind: str
    help: str


@dataclass(frozen=True, slots=True)
class Argument:
    """What may stand at one place, and at all later ones when it is `many`."""

    metavar: str
    kind: str
    many: bool
    help: str
    required: bool = True

    @property
    def usage(self) -> str:
        """As it stands in a line that shows how to call the verb."""
        return self.metavar if self.required or self.metavar.startswith("[") else f"[{self.metavar}]"


@dataclass(frozen=True, slots=True)
class Page:
    """One verb. `branches` are the arguments that follow a word such as `test` in `alerts test CHANNEL`."""

    name: str
    panel: str
    summary: str
    text: str
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    branches: dict[str, tuple[Argument, ...]]


def pages() -> list[Page]:
    """All verbs in the order of the table. Imports every one of them."""
    group = VerbGroup()
    return [_page(name, group.get_command(None, name)) for name in VERBS]


def options_of_all_verbs() -> tuple[Option, ...]:
    return (*_options("", global_options()), _HELP)


def options_before_the_verb() -> tuple[Option, ...]:
    return (*options_of_all_verbs(), *_options("", [version_option()]))


_HELP = Option(("-h", "--help"), None, "", "Show this and exit.")


def _page(name: str, command: Any) -> Page:
    everywhere = {tuple(option.opts) for option in global_options()}
    own = [parameter for parameter in command.params if tuple(parameter.opts) not in everywhere]
    arguments = [one for one in own if one.param_type_name == "argument"]
    branches = {word: rest for one in arguments for word, rest in _branches(name, one).items()}
    return Page(
        name=name,
        panel=VERBS[name].panel,
        summary=VERBS[name].summary,
        text=command.help,
        arguments=tuple(_argument(name, one) for one in arguments),
        options=_options(name, [one for one in own if one.param_type_name == "option"]),
        branches=branches,
    )


def _options(verb: str, found: Iterable[Any]) -> tuple[Option, ...]:
    return tuple(_option(verb, one) for one in found)


def _option(verb: str, option: Any) -> Option:
    names = (*option.opts, *option.secondary_opts)
    if option.is_flag:
        return Option(names, None, "", option.help)
    choices = getattr(option.type, "choices", None)
    metavar = option.metavar or ("|".join(choices) if choices else option.type.name.upper())
    named = [_KINDS_OF_VERBS[key] for name in names if (key := f"{verb} {name}") in _KINDS_OF_VERBS]
    kind = "words:" + ",".join(choices) if choices else (named or [_kind(verb, metavar)])[0]
    return Option(names, metavar, kind, option.help)


def _argument(verb: str, argument: Any) -> Argument:
    metavar = argument.metavar or argument.human_readable_name
    words = list(_branches(verb, argument))
    kind = "words:" + ",".join(words) if words else _kind(verb, metavar)
    return Argument(metavar, kind, argument.nargs == -1 and not words, argument.help, argument.required)


def _branches(verb: str, argument: Any) -> dict[str, tuple[Argument, ...]]:
    """`ack ID... | test CHANNEL | history` by its first words; empty for an argument that is none of that kind."""
    alternatives = [part.split() for part in re.split(r"\s*\|\s*", (argument.metavar or "").strip("[]"))]
    if not all(words and re.fullmatch(r"[a-z][a-z-]*", words[0]) for words in alternatives):
        return {}
    return {
        first: tuple(Argument(word, _kind(verb, word), word.endswith("..."), "") for word in rest)
        for first, *rest in alternatives
    }


def _kind(verb: str, metavar: str) -> str:
    words = metavar.strip("[]").removesuffix("...").split("|")
    known = [_KINDS_OF_VERBS.get(f"{verb} {word}") or _KINDS.get(word) for word in words]
    kinds = [kind for kind in known if kind]
    narrowed = [f"run-{_RUNS[verb]}" if kind == "run" and verb in _RUNS else kind for kind in kinds]
    return "+".join(narrowed)
