"""Where in the text a key path stands. Needed only to report something, so it is computed only then.

TOML readers forget positions. This walks over the text of a document that already parsed, so it needs to understand
just enough of TOML to find keys, values and elements (https://toml.io/en/v1.0.0); it never raises, and what it does
not find has the place of its nearest parent.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

import rtoml

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANK_OR_COMMA = re.compile(r"(?:[ \t\r\n,]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]+"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)
_JOB_HEADER = re.compile(
    r"""^[ \t]*\[[ \t]*jobs[ \t]*\.[ \t]*(?:([A-Za-z0-9_-]+)|"([^"\\\n]+)"|'([^'\n]+)')[ \t]*\]""", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column, both from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A header or a pair: its path from the root, and its first and past-the-last character."""

    path: KeyPath
    is_header: bool
    start: int
    end: int


def statements(text: str) -> list[Statement] | None:
    """All headers and pairs of a text that parsed, in its order; None when this reading of it is not sure."""
    walk = _Walk(text)
    walk.document()
    return walk.statements if walk.is_complete else None


class Locator:
    """The places of all keys of one text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        walk = _Walk(text)
        walk.document()
        self._keys = walk.keys
        self._values = walk.values
        self.repeated = [(path, self._position(first)) for path, first in walk.repeated]

    def key(self, path: KeyPath) -> Position:
        """Where the key is written; of its nearest parent when it is not there."""
        return self._nearest(path, self._keys)

    def value(self, path: KeyPath) -> Position:
        """Where the value is written; of its nearest parent's key when it is not there."""
        if path in self._values:
            return self._position(self._values[path])
        return self._nearest(path, self._keys)

    def _nearest(self, path: KeyPath, places: dict[KeyPath, int]) -> Position:
        while path and path not in places:
            path = path[:-1]
        return self._position(places[path]) if path else Position(1, 1)

    def _position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


def job_lines(text: str, names: set[str]) -> dict[str, int]:
    """The line of each job's header, found without walking over everything in the usual case."""
    lines: dict[str, int] = {}
    if '"""' not in text and "'''" not in text:
        line, counted = 1, 0
        for match in _JOB_HEADER.finditer(text):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            lines.setdefault(match[1] or match[2] or match[3], line)
    if not names <= lines.keys():
        locator = Locator(text)
        lines |= {name: locator.key(("jobs", name)).line for name in names}
    return lines


class _Unexpected(Exception):
    """The walk met what it does not understand; what was found so far stands."""


class _Walk:
    """One pass over the text that notes the offset of every key, value and element."""

    def __init__(self, text: str) -> None:
        self.keys: dict[KeyPath, int] = {}
        self.values: dict[KeyPath, int] = {}
        self.statements: list[Statement] = []
        self.is_complete = False
        self.repeated: list[tuple[KeyPath, int]] = []  # keys and tables met again, with their first offset
        self._text = text
        self._at = 0
        self._headed: set[KeyPath] = set()
        self._lengths: dict[KeyPath, int] = {}  # of arrays of tables

    def document(self) -> None:
        table: KeyPath = ()
        try:
            while self._skip(_BLANK):
                start = self._at
                if is_header := self._text[start] == "[":
                    path = table = self._header()
                else:
                    path = self._pair(table)
                self.statements.append(Statement(path, is_header, start, self._at))
            self.is_complete = True
        except (_Unexpected, RecursionError):
            return

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        names = self._dotted_key()
        self._at += 2 if is_array else 1
        path: KeyPath = ()
        for name in names[:-1]:
            path = self._last_element((*path, name))
            self.keys.setdefault(path, start)
        path = (*path, names[-1])
        if is_array:
            self._lengths[path] = self._lengths.get(path, 0) + 1
            self.keys.setdefault(path, start)
            path = self._last_element(path)
        if path in self._headed:
            self.repeated.append((path, self.keys[path]))
        self._headed.add(path)
        self.keys[path] = start
        return path

    def _last_element(self, path: KeyPath) -> KeyPath:
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, table: KeyPath) -> KeyPath:
        start = self._at
        path = table
        for name in self._dotted_key():
            path = (*path, name)
            self.keys.setdefault(path, start)
        self._expect("=")
        self._skip(_BLANK)
        if path in self.values:
            self.repeated.append((path, self.keys[path]))
        self._value(path)
        return path

    def _value(self, path: KeyPath) -> None:
        self.values[path] = self._at
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._at = self._match(_SCALAR).end()

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._skip(_BLANK_OR_COMMA) and self._text[self._at] != "]":
            element = (*path, index)
            self.keys[element] = self._at
            self._value(element)
            index += 1
        self._expect("]")

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._skip(_BLANK_OR_COMMA) and self._text[self._at] != "}":
            self._pair(path)
        self._expect("}")

    def _dotted_key(self) -> list[str]:
        names = []
        while True:
            match = self._match(_KEY)
            self._at = match.end()
            bare, quoted, literal = match.groups()
            names.append(_unescape(quoted) if quoted is not None else (bare if bare is not None else literal))
            if not self._text.startswith(".", self._at):
                return names
            self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Pass over what does not matter; whether anything is left."""
        self._at = self._match(pattern).end()
        return self._at < len(self._text)

    def _expect(self, sign: str) -> None:
        if not self._text.startswith(sign, self._at):
            raise _Unexpected
        self._at += 1

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _Unexpected
        return match


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return str(rtoml.loads(f'key = "{text}"')["key"])
    except ValueError as error:
        raise _Unexpected from error
