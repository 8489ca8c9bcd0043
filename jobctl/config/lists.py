"""Kinds of lists, and of what is a string or something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobctl.config.document import Document
from jobctl.config.kinds import INVALID, Kind, Schema
from jobctl.config.locate import KeyPath


@dataclass(frozen=True)
class ListOf(Kind):
    """A list of one kind. `make` turns it into the domain's collection."""

    element: Kind
    make: Callable[[list[Any]], object] = tuple
    may_be_empty: bool = True
    noun: str = "a list"

    @property
    def expected(self) -> str:
        return self.noun

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, list):
            hint = f'write ["{value}"]' if isinstance(value, str) else ""
            return self.refuse(value, path, document, hint)
        if not value and not self.may_be_empty:
            document.error(path, f"expected {self.noun}, not an empty one")
            return INVALID
        read = [self.element.read(element, (*path, index), document) for index, element in enumerate(value)]
        return INVALID if INVALID in read else self.make(read)

    def schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": self.element.schema()}
        return schema if self.may_be_empty else schema | {"minItems": 1}

    def write(self, value: object) -> object:
        return [self.element.write(element) for element in value] if isinstance(value, tuple | frozenset) else value


@dataclass(frozen=True)
class TextOr(Kind):
    """A string, or something that is not one."""

    text: Kind
    other: Kind
    make: Callable[[Any], object] = lambda value: value  # from what the string became

    @property
    def expected(self) -> str:
        return f"{self.text.expected} or {self.other.expected}"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if isinstance(value, str):
            text = self.text.read(value, path, document)
            return text if text is INVALID else self.make(text)
        if isinstance(value, list | dict):
            return self.other.read(value, path, document)
        return self.refuse(value, path, document)

    def schema(self) -> Schema:
        return {"anyOf": [self.text.schema(), self.other.schema()]}

    def write(self, value: object) -> object:
        return self.other.write(value)
