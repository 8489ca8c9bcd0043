"""Kinds of values that nobody is shown: they stand in the file, or it says where they are when they are needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jobctl.config.document import Document
from jobctl.config.kinds import INVALID, FilePath, Kind, Schema, Text
from jobctl.config.locate import KeyPath
from jobctl.domain.job import FromEnv, FromFile

_LONGEST_URL = 2048  # characters, as servers and libraries commonly take
_URL = r"https?://[^\s/?#]\S*"
_REFERENCES: dict[str, tuple[Kind, Callable[[Any], object]]] = {
    "file": (FilePath(), FromFile),
    "env": (Text("the name of a variable", r"[A-Za-z_][A-Za-z0-9_]*"), FromEnv),
}


@dataclass(frozen=True)
class SecretText(Kind):
    """A string, or where to get it from when it is needed: `{ file = "…" }` or `{ env = "…" }`."""

    may_be_empty: bool = True

    @property
    def expected(self) -> str:
        return 'a string, { file = "…" } or { env = "…" }'

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, dict):
            return self._reference(value, path, document)
        if not isinstance(value, str):
            kind = "a list" if isinstance(value, list) else "one without quotes"  # the value may be a secret
            document.error(path, f"expected {self.expected}, not {kind}")
            return INVALID
        return self._text.read(value, path, document)

    @cached_property
    def _text(self) -> Text:
        return Text(self.expected, may_be_empty=self.may_be_empty)

    def _reference(self, value: dict[str, Any], path: KeyPath, document: Document) -> object:
        if len(value) != 1 or not value.keys() <= _REFERENCES.keys():
            document.error(path, f"expected {self.expected}, not {_braced(value)}")
            return INVALID
        name, inner = next(iter(value.items()))
        kind, make = _REFERENCES[name]
        read = kind.read(inner, (*path, name), document)
        return read if read is INVALID else make(read)

    def schema(self) -> Schema:
        table = {"type": "object", "additionalProperties": False}
        references = [
            table | {"required": [name], "properties": {name: kind.schema()}} for name, (kind, _) in _REFERENCES.items()
        ]
        return {"anyOf": [Text(may_be_empty=self.may_be_empty).schema(), *references]}


@dataclass(frozen=True)
class SecretUrl(SecretText):
    """The address of a web page, or where to get it from when it is needed: whoever knows it may use it."""

    @property
    def expected(self) -> str:
        return 'an http or https address, { file = "…" } or { env = "…" }'

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        text = super().read(value, path, document)
        if isinstance(text, str) and len(text) > _LONGEST_URL:
            document.error(path, f"an address of at most {_LONGEST_URL:,} characters is taken, this has {len(text):,}")
            return INVALID
        if isinstance(text, str) and not re.fullmatch(_URL, text):
            document.error(path, f"expected {self.expected}, not another text")
            return INVALID
        return text

    def schema(self) -> Schema:
        _, *references = super().schema()["anyOf"]
        return {"anyOf": [Text(pattern=_URL).schema() | {"maxLength": _LONGEST_URL}, *references]}


def _braced(table: dict[str, Any]) -> str:
    """The keys of a table as it is written; its values may be secret."""
    return f"{{ {', '.join(f'{key} = …' for key in table)} }}" if table else "{}"
