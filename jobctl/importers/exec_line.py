"""`ExecStart=` and its siblings: quotes, escapes, prefixes and variables of systemd, as a command of a job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobctl.importers.findings import CannotKeep
from jobctl.importers.specifiers import expand

_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "s": " ",
}  # fmt: skip
_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WHOLE_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_PREFIXES = "@-:+!|"


@dataclass(frozen=True, slots=True)
class ExecLine:
    """One command. `words` are as systemd hands them over, but for variables, which are still in them."""

    words: tuple[str, ...]
    prefixes: frozenset[str]

    @property
    def ignores_failure(self) -> bool:
        return "-" in self.prefixes

    @property
    def has_variables(self) -> bool:
        """Whether systemd would put variables in: `${NAME}`, or `$NAME` as a word of its own."""
        if ":" in self.prefixes:
            return False
        found = (match[1] for word in self.words for match in _VARIABLE.finditer(word))
        return self.splits or any(found)

    @property
    def argv(self) -> list[str]:
        """The words of a command without variables."""
        return list(self.words) if ":" in self.prefixes else [word.replace("$$", "$") for word in self.words]

    def shell_text(self) -> str:
        """The command for /bin/sh. A variable that is a whole word is split, as systemd does it; see `splits`."""
        if ":" in self.prefixes:
            return shlex.join(self.words)
        return " ".join(_in_shell(word) for word in self.words)

    @property
    def splits(self) -> bool:
        """Whether a variable stands as a word of its own: in a shell that needs `set -f`."""
        return ":" not in self.prefixes and any(_WHOLE_VARIABLE.fullmatch(word) for word in self.words)


def _in_shell(word: str) -> str:
    if whole := _WHOLE_VARIABLE.fullmatch(word):
        return f"${whole[1]}"
    text, at = "", 0
    for match in _VARIABLE.finditer(word):
        text += _quoted(word[at : match.start()])
        text += f'"${{{match[1]}}}"' if match[1] else "'$'"
        at = match.end()
    return text + _quoted(word[at:]) or "''"


def _quoted(text: str) -> str:
    return shlex.quote(text) if text else ""


def read_exec(value: str, known: Mapping[str, str]) -> list[ExecLine]:
    """The commands of a setting: several when a `;` stands between them. CannotKeep: systemd would refuse it."""
    lines: list[ExecLine] = []
    present: list[str] = []
    for word, is_separator in _split(value):
        if is_separator:
            lines += _line(present, known)
            present = []
        else:
            present.append(word)
    return lines + _line(present, known)


def words(value: str) -> list[str]:
    """The words of a setting without their quotes. CannotKeep: a quote is not closed."""
    return [word for word, _ in _split(value)]


def _line(present: Sequence[str], known: Mapping[str, str]) -> list[ExecLine]:
    if not present:
        return []
    program = present[0].lstrip(_PREFIXES)
    prefixes = frozenset(present[0][: len(present[0]) - len(program)])
    if not program:
        raise CannotKeep("a command without a program")
    rest = list(present[1:])
    if "@" in prefixes:  # the next word is what the program sees as its own name
        rest = rest[1:]
    return [ExecLine(tuple(expand(word, known) for word in (program, *rest)), prefixes)]


def _split(value: str) -> list[tuple[str, bool]]:
    """The words, and whether each is a `;` between commands."""
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(value):
        if value[at].isspace():
            at += 1
            continue
        word, quoted, end = _word(value, at)
        raw = value[at:end]
        found.append((";", False) if raw == "\\;" else (word, raw == ";" and not quoted))
        at = end
    return found


def _word(value: str, at: int) -> tuple[str, bool, int]:
    word, quote, quoted = "", "", False
    while at < len(value) and (quote or not value[at].isspace()):
        sign = value[at]
        if sign == "\\" and at + 1 < len(value):
            text, at = _escape(value, at + 1)
            word += text
            continue
        at += 1
        if quote and sign == quote:
            quote = ""
        elif not quote and sign in "\"'":
            quote, quoted = sign, True
        else:
            word += sign
    if quote:
        raise CannotKeep(f"the quote {quote} is not closed")
    return word, quoted, at


def _escape(value: str, at: int) -> tuple[str, int]:
    """What `\\` and the signs at this place stand for, and where it goes on."""
    sign = value[at]
    if sign in _ESCAPES:
        return _ESCAPES[sign], at + 1
    for pattern, base in ((r"x([0-9a-fA-F]{2})", 16), (r"u([0-9a-fA-F]{4})", 16), (r"([0-7]{3})", 8)):
        if match := re.compile(pattern).match(value, at):
            code = int(match[1], base)
            if code == 0 or 0xD800 <= code < 0xE000:
                break
            return chr(code), match.end()
    return "\\" + sign, at + 1
