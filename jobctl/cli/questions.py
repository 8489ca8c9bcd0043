"""Questions to a person at a terminal: on stderr, answered by a line; an empty one takes what is offered."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable
from typing import TypeVar

from jobctl.cli.invocation import Invocation
from jobctl.cli.render.style import Meaning
from jobctl.errors import Interrupted, JobctlError

T = TypeVar("T")


def is_answered() -> bool:
    """Whether a person is there to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(call: Invocation, question: str, offered: str = "") -> str:
    """The answer, or what is offered. Interrupted when there will be none, by Ctrl-D or Ctrl-C."""
    hint = f" [{offered}]" if offered else ""
    try:
        print(f"{call.console.err_style(question, Meaning.STRONG)}{hint} ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        print(file=sys.stderr)
        raise Interrupted("no answer", "nothing was written")
    return line.strip() or offered


def ask_until(call: Invocation, question: str, offered: str, understand: Callable[[str], T]) -> T:
    """The first answer that is understood; what `understand` raises as a JobctlError is said, and asked again."""
    while True:
        try:
            return understand(ask(call, question, offered))
        except Interrupted:
            raise
        except JobctlError as error:
            advise(call, error.message, Meaning.BAD)
            if error.hint:
                advise(call, error.hint, Meaning.FAINT)


def advise(call: Invocation, text: str, meaning: Meaning = Meaning.PLAIN) -> None:
    """What helps with an answer, below the question, broken between words and not where the screen ends."""
    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # a terminal of unknown size says 0
    for line in textwrap.wrap(text, max(columns - 2, 20)):
        call.console.complain(f"  {call.console.err_style(line, meaning)}")


def agrees(call: Invocation, question: str) -> bool:
    """Whether the answer is yes, as it is for an empty one."""
    return ask(call, f"{question} [Y/n]").lower() in ("", "y", "yes")
