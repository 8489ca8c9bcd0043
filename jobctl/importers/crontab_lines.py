"""The lines of a crontab, taken apart as Debian's cron does it: settings of variables, entries, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jobctl.importers.findings import CannotKeep

_LONGEST = 10_000  # characters; Debian's cron takes commands of a thousand
_SETTING = re.compile(r"""\s*("[^"]*"|'[^']*'|[^\s=]+)\s*=\s*(.*)""", re.DOTALL)
_MACRO = re.compile(r"\s*(@\S+(?:\s+\d[\dhms.]*(?=\s))?)\s+(.*)", re.DOTALL)
_FIELDS = re.compile(r"\s*-?" + r"(\S+)\s+" * 5 + r"(.*)", re.DOTALL)
_USER = re.compile(r"(\S+)\s+(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """`NAME = value`; it holds for the lines below."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """When, who and what. `fields` are five, or one that begins with `@`; `user` None outside of the system format."""

    fields: tuple[str, ...]
    user: str | None
    command: str


@dataclass(frozen=True, slots=True)
class Comment:
    """The text behind the `#`."""

    text: str


Line = Setting | Entry | Comment | None  # None: blank


def read_line(line: str, *, system: bool) -> Line:
    """What a line is. CannotKeep when it is neither."""
    stripped = line.strip(" \t\r\n")
    if len(stripped) > _LONGEST:
        raise CannotKeep("is longer than any line that cron takes")
    if not stripped:
        return None
    if stripped.startswith("#"):
        return Comment(stripped.lstrip("#").strip())
    if setting := _SETTING.fullmatch(stripped):
        return Setting(_unquoted(setting[1]), _unquoted(setting[2]))
    entry = _entry(stripped, system=system)
    if entry is None:
        raise CannotKeep("is neither NAME=value nor five fields and a command")
    return entry


def is_entry(text: str) -> bool:
    """Whether a comment is a line that somebody took out."""
    entry = _entry(text, system=False)
    return entry is not None and all(re.fullmatch(r"@[a-z]+|[\d*][\w*,/-]*", field) for field in entry.fields)


def _entry(text: str, *, system: bool) -> Entry | None:
    if text.startswith("@"):
        match = _MACRO.fullmatch(text)
        fields: tuple[str, ...] = (match[1],) if match else ()
    else:
        match = _FIELDS.fullmatch(text)
        fields = match.groups()[:5] if match else ()
    if match is None:
        return None
    rest = match.groups()[-1]
    if not system:
        return Entry(fields, None, rest) if rest.strip() else None
    with_user = _USER.fullmatch(rest)
    return Entry(fields, with_user[1], with_user[2]) if with_user else None


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def split_percent(command: str) -> tuple[str, str | None]:
    """The command and its standard input: a `%` ends the command, further ones are newlines, `\\%` is a `%`.

    The input is None where no `%` stands, and ends with a newline otherwise. In the command two backslashes are one,
    and the second escapes nothing; in the input they stay two, and it does.
    """
    parts = [""]
    escaped = False
    for sign in command:
        if sign == "%" and not escaped:
            parts.append("")
        elif sign == "%":
            parts[-1] = parts[-1][:-1] + sign
        elif sign == "\\" and escaped and len(parts) == 1:
            escaped = False
            continue
        else:
            parts[-1] += sign
        escaped = sign == "\\"
    given = "\n".join(parts[1:])
    if len(parts) == 1:
        return parts[0], None
    return parts[0], given if given.endswith("\n") or not given else given + "\n"


def loses_backslashes(command: str) -> bool:
    """Whether two backslashes of the command, before its input begins, are one to `split_percent`."""
    return re.match(r"(?:[^\\%]|\\[^\\])*\\\\", command, re.DOTALL) is not None
