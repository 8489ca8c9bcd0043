"""One file of the configuration: its text, its tables, and what is wrong with it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rtoml

from jobctl.config.locate import KeyPath, Locator, Position
from jobctl.config.safety import read_safely, shown, whole_file_error
from jobctl.domain.settings import FileStamp
from jobctl.errors import JobsFileError, Problem, Severity

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ENDED_AT = re.compile(r" at line (\d+) column (\d+)$")
_CAN_SPAN_LINES = ("unclosed array,", "unclosed inline table,", "invalid multi-line")
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before its place is known."""

    path: KeyPath
    message: str
    hint: str
    severity: Severity
    at_value: bool


@dataclass(slots=True)
class Document:
    """A file that parsed, and the findings about it so far."""

    path: Path
    text: str
    tables: dict[str, Any]
    stamp: FileStamp
    findings: list[Finding] = field(default_factory=list)
    folder: Path = field(init=False)  # what relative paths in this file are relative to
    _locator: Locator | None = None

    def __post_init__(self) -> None:
        self.folder = self.path.parent

    def error(self, path: KeyPath, message: str, hint: str = "", *, at_value: bool = True) -> None:
        """Note an error at the value of `path`, or at its key."""
        self.findings.append(Finding(path, message, hint, Severity.ERROR, at_value))

    def warn(self, path: KeyPath, message: str, hint: str = "", *, at_value: bool = True) -> None:
        """Note a doubt that does not stop the file from being used."""
        self.findings.append(Finding(path, message, hint, Severity.WARNING, at_value))

    def place_of(self, path: KeyPath, *, at_value: bool = False) -> str:
        """`file:line:column` of a key, or of its value, for a message about another one."""
        locator = self._located()
        position = locator.value(path) if at_value else locator.key(path)
        return f"{shown(self.path)}:{position.line}:{position.column}"

    @property
    def distinct_findings(self) -> list[Finding]:
        """Each finding once."""
        return list(dict.fromkeys(self.findings))

    def problems(self) -> list[Problem]:
        """All findings with their places, each one once."""
        return [self._problem(finding) for finding in self.distinct_findings]

    def _problem(self, finding: Finding) -> Problem:
        locator = self._located()
        position = locator.value(finding.path) if finding.at_value else locator.key(finding.path)
        return Problem(
            shown(self.path), position.line, position.column, dotted(finding.path),
            finding.message, finding.hint, finding.severity,
        )  # fmt: skip

    def _located(self) -> Locator:
        if self._locator is None:
            self._locator = Locator(self.text)
        return self._locator


def dotted(path: KeyPath) -> str:
    """`jobs.backup.env.LANG`, `jobs."a.b".tags[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else f'"{part}"')
    return text


def as_written(value: object) -> str:
    """A value as it would stand in the file, shortened."""
    if isinstance(value, str):
        text = '"' + value.replace("\n", "\\n") + '"'
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        return "a table"
    elif isinstance(value, list):
        return "a list"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def read_document(path: Path, instead: str | None = None) -> Document:
    """Read and parse one file, or `instead` as if it stood there. Raises JobsFileError when it is unsafe, unreadable,
    no UTF-8 or no TOML."""
    reading = read_safely(path)
    text = _decode(path, reading.content if instead is None else instead.encode())
    try:
        tables = rtoml.loads(text)
    except ValueError as error:
        raise _syntax_error(path, text, str(error)) from None
    return Document(path, text, tables, reading.stamp)


def _decode(path: Path, content: bytes) -> str:
    if not content.strip(b" \t\r\n\0"):
        raise whole_file_error(
            path, "is empty", "if something was still writing it, try again; `jobctl init` writes a starter"
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise whole_file_error(
            path, "is UTF-16, expected UTF-8", f"convert it: `iconv -f UTF-16 -t UTF-8 {path} > {path}.utf8`"
        )
    if content.startswith(codecs.BOM_UTF8):
        raise whole_file_error(
            path, "begins with a byte order mark", f"remove it: `sed -i '1s/^\\xEF\\xBB\\xBF//' {path}`"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        position = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _error_at(
            path, position, f"byte 0x{content[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        ) from None


def _syntax_error(path: Path, text: str, message: str) -> JobsFileError:
    ended = _ENDED_AT.search(message)
    if ended is None:
        return whole_file_error(path, f"is not valid TOML: {message}", "")
    position = Position(int(ended[1]), int(ended[2]))
    message = message[: ended.start()]
    if message == "duplicate key":
        return _defined_twice(path, text, position)
    lines = text.split("\n")
    rest = text[sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1 :]
    is_cut = "\n" not in rest or (not rest.strip() and message.startswith(_CAN_SPAN_LINES))
    hint = "the file ends in the middle of something; if it is still being written, try again" if is_cut else ""
    return _error_at(path, position, f"not valid TOML: {message}", hint)


def _defined_twice(path: Path, text: str, position: Position) -> JobsFileError:
    repeated = Locator(text).repeated
    if not repeated:
        return _error_at(path, position, "the same key a second time", "keep one of them")
    key, first = repeated[0]
    hint = f"the first one is at {shown(path)}:{first.line}:{first.column}, keep one of them"
    return _error_at(path, position, "defined twice", hint, dotted(key))


def _error_at(path: Path, position: Position, message: str, hint: str, key: str = "") -> JobsFileError:
    problem = Problem(shown(path), position.line, position.column, key, message, hint)
    return JobsFileError(str(problem), "", (problem,))
