"""A program that only runs another one, taken apart: its own words, and the command it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from jobctl.importers.command_draft import CommandDraft
from jobctl.importers.shell_text import Sort, Token, is_compound, segments, tokens

_LONG_WITH_VALUE = frozenset({"kill-after", "signal", "wait", "timeout", "conflict-exit-code", "adjustment"})


@dataclass(frozen=True, slots=True)
class Call:
    """A wrapper with its own words: options and their values, then plain arguments up to the wrapped command."""

    options: dict[str, str]
    arguments: list[str]
    length: int  # words that are the wrapper's


def words_of_single_call(command: str) -> list[Token]:
    """The words of the command before its redirections; none where it is more than one call."""
    found = tokens(command)
    if not found or len(segments(found)) != 1 or is_compound(found):
        return []
    words = list(takewhile(lambda token: token.sort is Sort.WORD, found))
    rest = found[len(words) :]
    while rest:
        has_target = rest[0].text[-1] in "<>|"
        if rest[0].sort is not Sort.REDIRECT or (has_target and (len(rest) < 2 or rest[1].sort is not Sort.WORD)):
            return []
        rest = rest[1 + has_target :]
    return words


def read_call(words: Sequence[Token], at: int, with_value: str, flags: str, arguments: int) -> Call | None:
    """Read a wrapper's options: letters `with_value`, letters `flags`; then so many arguments. None: not understood."""
    texts = [token.literal for token in words]
    options: dict[str, str] = {}
    position = at + 1
    while position < len(texts) and (texts[position] or "").startswith("-") and texts[position] != "-":
        word = texts[position] or ""
        position += 1
        if word == "--":
            break
        if word.startswith("--"):
            name, given_here, value = word[2:].partition("=")
            if name in _LONG_WITH_VALUE and not given_here:
                value = texts[position] or "" if position < len(texts) else ""
                position += 1
            options[name] = value
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter in with_value:
                options[letter] = word[index + 1 :]
                if not options[letter]:
                    options[letter] = texts[position] or "" if position < len(texts) else ""
                    position += 1
                break
            if letter not in flags:
                return None
            options[letter] = ""
    given = texts[position : position + arguments]
    if len(given) < arguments or None in given:
        return None
    return Call(options, [text for text in given if text is not None], position + arguments - at)


def cut(draft: CommandDraft, words: Sequence[Token], at: int, length: int) -> str:
    """Take words out of the command, and return them."""
    begins, ends = words[at].start, words[at + length].start
    taken = draft.command[begins:ends].strip()
    draft.command = draft.command[:begins] + draft.command[ends:]
    return taken
