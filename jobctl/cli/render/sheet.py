"""Facts about one thing: a label and what is known, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.console import Console
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable, wrapped, wrapped_list

Fact = tuple[str, str] | tuple[str, str, Meaning]
_LISTS = frozenset({"Runs", "Queue", "Host"})
_AS_THEY_ARE = frozenset({"Command", "Params", "Result"})


def print_facts(console: Console, facts: Sequence[Fact]) -> None:
    """Print those that have something to say, aligned; nothing is cut, since this is where a person reads it all.

    Long ones go on in the next line, beside their label. A command does not: somebody may copy it.
    """
    known = [fact for fact in facts if fact[1]]
    wide = max((len(fact[0]) for fact in known), default=0) + 2
    for label, text, *meaning in known:
        lines = [console.writable(printable(line)) for line in text.rstrip("\n").split("\n")]
        if label not in _AS_THEY_ARE:
            fold = wrapped_list if label in _LISTS else wrapped
            lines = [part for line in lines for part in fold(line, console.width - wide)]
        heads = [console.style(label.ljust(wide), Meaning.FAINT), *[" " * wide] * (len(lines) - 1)]
        for head, line in zip(heads, lines, strict=True):
            console.print(head + console.style(line, *meaning or [Meaning.PLAIN]))


def print_heading(console: Console, text: str, meaning: Meaning = Meaning.STRONG) -> None:
    """A blank line and the name of what follows."""
    console.print()
    console.print(console.style(text, meaning))
