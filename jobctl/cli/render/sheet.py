"""Facts about one thing: a label and what is known, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.cli.render.console import Console
from jobctl.cli.render.style import Meaning
from jobctl.cli.render.text import printable

Fact = tuple[str, str] | tuple[str, str, Meaning]


def print_facts(console: Console, facts: Sequence[Fact]) -> None:
    """Print those that have something to say, aligned; nothing is cut, since this is where a person reads it all."""
    known = [fact for fact in facts if fact[1]]
    wide = max((len(fact[0]) for fact in known), default=0) + 2
    for label, text, *meaning in known:
        first, *others = text.split("\n")
        shown = printable(first)
        console.print(
            console.style(label.ljust(wide), Meaning.FAINT) + console.style(shown, *meaning or [Meaning.PLAIN])
        )
        for line in others:
            console.print(" " * wide + printable(line))


def print_heading(console: Console, text: str, meaning: Meaning = Meaning.STRONG) -> None:
    """A blank line and the name of what follows."""
    console.print()
    console.print(console.style(text, meaning))
