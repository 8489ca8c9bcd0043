"""What `--help` prints."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill, wrap

from jobctl.cli.command_line import bounds
from jobctl.cli.parameters import Parameter

_WIDEST = 80
_WIDEST_NAME = 30

Entry = tuple[str, str]


def screen(usage: str, text: str, sections: Iterable[tuple[str, Sequence[Entry]]], epilog: str = "") -> str:
    """The usage, what it does, and lists of names with their meaning; as wide as the terminal, at most 80."""
    width = max(40, min(shutil.get_terminal_size().columns, _WIDEST)) - 2
    lines = [f"Usage: {usage}", *_paragraphs(text, width)]
    for title, entries in sections:
        if entries:
            lines += ["", f"{title}:", *_list(entries, width)]
    return "\n".join([*lines, *_paragraphs(epilog, width)])


def usage_of(path: str, parameters: Iterable[Parameter]) -> str:
    """`jobctl show [OPTIONS] {JOB|RUN}`."""
    return " ".join([path, "[OPTIONS]", *(_place(one) for one in parameters if not one.opts)])


def entries_of(parameters: Iterable[Parameter]) -> tuple[list[Entry], list[Entry]]:
    """The arguments and the options, each with its meaning."""
    known = list(parameters)
    arguments = [(one.metavar, _meaning(one)) for one in known if not one.opts]
    return arguments, [(_spelling(one), _meaning(one)) for one in known if one.opts]


def _place(parameter: Parameter) -> str:
    if not parameter.required:
        return f"[{parameter.metavar}]"
    return f"{{{parameter.metavar}}}" if "|" in parameter.metavar else parameter.metavar


def _spelling(parameter: Parameter) -> str:
    names = ", ".join(parameter.opts)
    return names if parameter.is_flag else f"{names} {parameter.metavar}"


def _meaning(parameter: Parameter) -> str:
    facts = [bounds(parameter)]
    if parameter.required:
        facts = ["required"]
    elif parameter.default is not None and not parameter.is_flag and parameter.opts:
        facts.insert(0, f"default: {getattr(parameter.default, 'value', parameter.default)}")
    told = "; ".join(fact for fact in facts if fact)
    return f"{parameter.help}  [{told}]" if told else parameter.help


def _paragraphs(text: str, width: int) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n") if text else ():
        yield ""
        yield fill(" ".join(paragraph.split()), width, initial_indent="  ", subsequent_indent="  ")


def _list(entries: Sequence[Entry], width: int) -> Iterator[str]:
    column = min(max(len(name) for name, _ in entries), _WIDEST_NAME) + 4
    for name, meaning in entries:
        first, *others = wrap(meaning, width - column) or [""]
        if len(name) + 4 > column:
            yield f"  {name}"
            others, name = [first, *others], ""
        else:
            yield f"  {name}".ljust(column) + first
        for line in others:
            yield " " * column + line
