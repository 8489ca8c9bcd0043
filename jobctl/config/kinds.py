"""What a key may hold. Each kind reads a value, says what it expects, and describes itself as JSON Schema.

One description per key therefore gives the validation, the schema for editors and the words of the documentation.
"""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jobctl.config.document import Document, as_written
from jobctl.config.locate import KeyPath
from jobctl.config.suggest import did_you_mean
from jobctl.config.system_zone import is_zone, zone_names

Schema = dict[str, Any]


class _Invalid(enum.Enum):
    INVALID = "invalid"


INVALID = _Invalid.INVALID  # what `read` gives for a value that it has reported


class Kind:
    """The type of a key's value."""

    @property
    def expected(self) -> str:
        """What to write, in words: the rest of "expected …"."""
        return "a value"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        """The value as the domain knows it, or INVALID after noting in `document` what is wrong with it."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """What the value may be, as JSON Schema (TOML's dates are strings there)."""
        raise NotImplementedError

    def build(self, value: Any) -> Any:
        """The domain's value of what `read` gave. Apart from `read`, so that tables can be merged before."""
        return value

    def write(self, value: object) -> object:
        """A value of the domain as it would stand in the file; shows defaults."""
        return value

    def refuse(self, value: object, path: KeyPath, document: Document, hint: str = "") -> object:
        """Note that the value is not what is expected."""
        document.error(path, f"expected {self.expected}, not {as_written(value)}", hint)
        return INVALID


@dataclass(frozen=True)
class Anything(Kind):
    """Whatever TOML can hold; what it must be depends on other keys."""

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        return value

    def schema(self) -> Schema:
        return {}


@dataclass(frozen=True)
class Text(Kind):
    """A string that is not blank and holds no NUL byte."""

    expected: str = "a string"
    pattern: str | None = None
    may_be_empty: bool = False

    @cached_property
    def _matches(self) -> Callable[[str], object]:
        return re.compile(self.pattern or "").fullmatch

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, str):
            hint = f'write "{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
            return self.refuse(value, path, document, hint)
        if "\0" in value:
            document.error(path, "a NUL character cannot be passed to a program")
            return INVALID
        if not self.may_be_empty and not value.strip():
            document.error(path, f"expected {self.expected}, not an empty one")
            return INVALID
        if self.pattern is not None and not self._matches(value):
            return self.refuse(value, path, document)
        return value

    def schema(self) -> Schema:
        if self.pattern is not None:
            return {"type": "string", "pattern": f"^(?:{self.pattern})$"}
        return {"type": "string"} if self.may_be_empty else {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True)
class FilePath(Text):
    """A path; a relative one is relative to the folder of the file that it stands in."""

    expected: str = "a path"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        text = super().read(value, path, document)
        if not isinstance(text, str):
            return text
        if text.startswith("~"):
            return self.refuse(text, path, document, "`~` is not expanded: write the absolute path")
        return os.path.normpath(os.path.join(document.folder, text))  # noqa: PTH118

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^(?!~).*\S"}


@dataclass(frozen=True)
class Regex(Text):
    """A regular expression of Python's `re`."""

    expected: str = "a regular expression"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        text = super().read(value, path, document)
        if isinstance(text, str):
            try:
                re.compile(text)
            except (re.error, RecursionError, OverflowError) as error:
                document.error(path, f"expected a regular expression: {error}")
                return INVALID
        return text


@dataclass(frozen=True)
class Zone(Text):
    """The name of a time zone that this machine knows."""

    expected: str = 'a time zone such as "Europe/Berlin" or "UTC"'

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        text = super().read(value, path, document)
        if isinstance(text, str) and not is_zone(text):
            return self.refuse(text, path, document, did_you_mean(text, zone_names()))
        return text


@dataclass(frozen=True)
class Flag(Kind):
    """true or false."""

    expected = "true or false"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, bool):
            return value
        word = str(value).lower() if isinstance(value, str) else ""
        hint = f"write {word} without quotes" if word in ("true", "false") else ""
        return self.refuse(value, path, document, hint)

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words; `make` turns the word into the domain's value."""

    words: tuple[str, ...]
    make: Callable[[str], object] = str

    @property
    def expected(self) -> str:
        quoted = [f'"{word}"' for word in self.words]
        return " or ".join(quoted) if len(quoted) < 3 else f"one of {', '.join(quoted[:-1])} or {quoted[-1]}"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, str) and value in self.words:
            return self.make(value)
        return self.refuse(value, path, document, did_you_mean(value, self.words) if isinstance(value, str) else "")

    def schema(self) -> Schema:
        return {"enum": list(self.words)}

    def write(self, value: object) -> object:
        return value.value if isinstance(value, enum.Enum) else value


def choice_of(kind: type[enum.Enum]) -> Choice:
    """The words of an enum."""
    return Choice(tuple(member.value for member in kind), kind)
