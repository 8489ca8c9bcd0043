"""`jobctl list`, `status`, `history` and `stats` without typer, where the call is written plainly: to import typer
takes longer than what these verbs do (tests/benchmarks/verbs.py). So does `jobctl exec`, which stands in each line of
a crontab (tests/benchmarks/exec.py), `jobctl enqueue`, which programs call, and `jobctl daemon` and `top`, which would
keep its 3 MB for months or all day.

A plain call has the global options and the verb's own, each a word of its own with its value behind it. Help, other
ways of writing (`-n5`, `--limit=5`, `-qv`), and every mistake are left to typer.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from jobctl.cli.declared import Parameter, parameters
from jobctl.cli.global_options import GLOBAL_OPTIONS, GlobalOption
from jobctl.cli.invocation import Invocation

LOOKS = frozenset({"list", "status", "history", "stats", "top"})
QUICK = LOOKS | {"daemon", "exec", "enqueue"}
_HEARING = frozenset({"enqueue", "top"})  # they have what Ctrl-C is not to cut without a word
_NUMBERS = (int, int | None)
_PLAIN_TYPES = (str, str | None, list[str] | None, *_NUMBERS)
_GLOBAL = {name: option for option in GLOBAL_OPTIONS for name in option.names}


class PlainCall(NamedTuple):
    """A verb, its function, what it is called with, and the global options with their values."""

    verb: str
    function: Callable[..., Any]
    arguments: dict[str, Any]
    options: list[tuple[GlobalOption, str | None]]


class _NotPlain(Exception):
    """Typer knows what is meant, or what to say."""


def plain_call(arguments: Sequence[str]) -> PlainCall | None:
    """The call, when nothing in it needs typer."""
    words = iter(arguments)
    try:
        options: list[tuple[GlobalOption, str | None]] = []
        for word in words:
            if word in _GLOBAL:
                options.append(_global(_GLOBAL[word], words))
            elif word in QUICK:
                module = import_module(f"jobctl.cli.{word}")
                own = _own(module, words, options)
                return PlainCall(word, module.command, own, options)
            else:
                break
    except _NotPlain:
        pass
    return None


def look(plain: PlainCall, invocation: Invocation) -> int:
    """Do what was asked and return the exit status. Raises what the verb raises."""
    for option, value in plain.options:
        option.store(invocation, value)
    invocation.only_looks = plain.verb in LOOKS
    if plain.verb in _HEARING:
        from jobctl.cli.interrupts import hear  # the others have nothing to clean up

        hear()
    return plain.function(SimpleNamespace(obj=invocation), **plain.arguments) or 0


def _own(module: Any, words: Iterator[str], options: list[tuple[GlobalOption, str | None]]) -> dict[str, Any]:
    """What comes after the verb, by the names that its function has for it; global options go to the others."""
    known, ends_options = parameters(module.command), getattr(module, "ENDS_OPTIONS", False)
    named = {name: parameter for parameter in known for name in parameter.declared.names or ("",)}
    found: dict[str, Any] = {}
    for word in words:
        if ends_options and (word == "--" or not word.startswith("-")):
            found[named[""].name] = list(words) if word == "--" else [word, *words]
            break
        if word in _GLOBAL:
            options.append(_global(_GLOBAL[word], words))
            continue
        parameter = named.get(word if word.startswith("-") else "")
        if parameter is None or (parameter.name in found and not parameter.declared.names and not parameter.repeats):
            raise _NotPlain
        value = _value_of(parameter, word, words)
        if parameter.repeats:
            found.setdefault(parameter.name, []).append(value)
        else:
            found[parameter.name] = value
    if any(parameter.is_required and found.get(parameter.name) in (None, []) for parameter in known):
        raise _NotPlain
    return found


def _global(option: GlobalOption, words: Iterator[str]) -> tuple[GlobalOption, str | None]:
    return option, None if option.metavar is None else _next(words)


def _value_of(parameter: Parameter, word: str, words: Iterator[str]) -> Any:
    declared = parameter.declared
    if not declared.names:
        return word
    if declared.metavar is None:
        return True
    if parameter.type not in _PLAIN_TYPES:
        raise _NotPlain
    text = _next(words)
    if parameter.type not in _NUMBERS:
        return text
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or int(text) < (declared.least or 0):
        raise _NotPlain
    return int(text)


def _next(words: Iterator[str]) -> str:
    """The value of an option: missing, or perhaps another option, it is not plain."""
    word = next(words, "--")
    if word.startswith("-") and word != "-":  # which is standard input
        raise _NotPlain
    return word
