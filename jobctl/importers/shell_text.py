"""A command line of a shell as words, operators and redirections with their places: just enough to recognise habits.

Nothing is expanded. What is not understood for certain is left alone by those who ask.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass


class Sort(enum.Enum):
    """What a token is."""

    WORD = enum.auto()
    GROUP = enum.auto()  # `( … )`, whole
    CONTROL = enum.auto()  # && || ; & | and the end of a line
    REDIRECT = enum.auto()  # `2>`, `>>`; with its target where that is a descriptor: `2>&1`


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written, from `start` to `end` of the line."""

    sort: Sort
    text: str
    start: int
    end: int

    @property
    def literal(self) -> str | None:
        """What the shell makes of a word that needs no expansion; None where it needs one."""
        return literal(self.text)


_CONTROL = re.compile(r"&&|\|\||;;|\|&|[;&|\n]")
_REDIRECT = re.compile(r"\d*(?:>&|<&)(?:\d+|-)(?![^\s;&|<>()])|&>>?|\d*(?:>>|>\||>&|<>|<<<|<<-?|<&|[<>])")
_EXPANDS = re.compile(r"[$`*?\[{]|^~")
_QUOTED = re.compile(r"'([^']*)'|\"((?:[^\"\\$`]|\\.)*)\"|\\(.)|([^'\"\\]+)", re.DOTALL)
_COMPOUND = frozenset(
    {"if", "for", "while", "until", "case", "{", "}", "function", "!", "[[", "then", "do", "fi", "done"}
)


def tokens(line: str) -> list[Token] | None:
    """All tokens up to a comment; None when a quote or parenthesis is not closed, or where there is a here-document."""
    found: list[Token] = []
    at = 0
    if line.count("(") > _MOST_PARENTHESES:
        return None
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        if line[at] == "#":
            break
        token = _token(line, at)
        if token is None or token.text.lstrip("0123456789").startswith("<<"):
            return None
        found.append(token)
        at = token.end
    return found


def comment_of(line: str) -> tuple[str, str]:
    """The line without its comment, and the comment."""
    found = tokens(line)
    end = found[-1].end if found else 0
    rest = line[end:].strip() if found else ""
    return (line[:end], rest.lstrip("#").strip()) if rest.startswith("#") else (line, "")


def _token(line: str, at: int) -> Token | None:
    if line[at] == "(":
        end = _closing(line, at + 1)
        return Token(Sort.GROUP, line[at:end], at, end) if end is not None else None
    for sort, pattern in ((Sort.REDIRECT, _REDIRECT), (Sort.CONTROL, _CONTROL)):
        if match := pattern.match(line, at):
            return Token(sort, match[0], at, match.end())
    end = _word_end(line, at)
    return Token(Sort.WORD, line[at:end], at, end) if end is not None and end > at else None


def _word_end(line: str, at: int) -> int | None:
    """Behind the word; None when something in it is not closed."""
    position: int | None = at
    while position is not None and position < len(line) and line[position] not in " \t\n;&|<>()":
        position = _past_piece(line, position)
    return position


def _past_piece(line: str, at: int) -> int | None:
    """Behind a quoted string, a substitution or a single character."""
    sign = line[at]
    if sign == "\\":
        return at + 2 if at + 1 < len(line) else None
    if sign == "'":
        return _after(line.find("'", at + 1))
    if sign == '"':
        return _past_double_quotes(line, at + 1)
    if sign == "`":
        return _after(line.find("`", at + 1))
    if line.startswith("$(", at):
        return _closing(line, at + 2)
    if line.startswith("${", at):
        return _after(line.find("}", at + 2))
    return at + 1


def _after(found: int) -> int | None:
    return found + 1 if found >= 0 else None


def _past_double_quotes(line: str, at: int) -> int | None:
    position: int | None = at
    while position is not None and position < len(line):
        if line[position] == '"':
            return position + 1
        position = position + 1 if line[position] == "'" else _past_piece(line, position)
    return None


_MOST_PARENTHESES = 60  # nobody writes more, and each may be a call in a call


def _closing(line: str, at: int) -> int | None:
    """Behind the `)` that closes what was opened before `at`."""
    position: int | None = at
    while position is not None and position < len(line):
        if line[position] == ")":
            return position + 1
        opens = line[position] == "("
        position = _closing(line, position + 1) if opens else _past_piece(line, position)
    return None


def literal(text: str) -> str | None:
    """The text without its quotes; None when the shell would put something else in the place of a part."""
    value = ""
    at = 0
    while at < len(text):
        match = _QUOTED.match(text, at)
        if match is None or (match[4] is not None and _EXPANDS.search(match[4])):
            return None
        if match[2] is not None:
            value += re.sub(r"\\([\\\"$`])", r"\1", match[2])
        else:
            value += next(part for part in (match[1], match[3], match[4]) if part is not None)
        at = match.end()
    return value


def segments(found: Sequence[Token]) -> list[list[Token]]:
    """The commands between the operators; as many as there are operators, and one."""
    parts: list[list[Token]] = [[]]
    for token in found:
        if token.sort is Sort.CONTROL:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def controls(found: Sequence[Token]) -> list[Token]:
    return [token for token in found if token.sort is Sort.CONTROL]


def is_compound(found: Sequence[Token]) -> bool:
    """Whether a command begins with a word of the shell's grammar."""
    return any(part and part[0].text in _COMPOUND for part in segments(found))


def in_parentheses(part: Sequence[Token]) -> list[Token]:
    """What stands in parentheses and is no process that is read or written as a file: `<(…)`, `>(…)`."""
    before: list[Token | None] = [None, *part]
    return [
        token
        for last, token in zip(before, part, strict=False)
        if token.sort is Sort.GROUP and (last is None or last.sort is not Sort.REDIRECT)
    ]
