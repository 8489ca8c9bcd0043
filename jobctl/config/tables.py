"""Kinds of tables: with known keys, with free names, with a type that decides which keys they have."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any

from jobctl.config.document import Document, dotted
from jobctl.config.kinds import INVALID, Kind, Schema
from jobctl.config.locate import KeyPath
from jobctl.config.sharing import Share, make_anew
from jobctl.config.suggest import did_you_mean


@dataclass(frozen=True)
class Key:
    """One key of a table: what it may hold and what it is for.

    `home` is where the value lives in the domain's value, dotted; the key's own name when left out. `default` is only
    for keys whose default the domain's value does not tell.
    """

    name: str
    kind: Kind
    description: str
    home: str = ""
    default: str = ""
    required: bool = False

    @cached_property
    def target(self) -> tuple[str, str]:
        """The part of the domain's value, or "" for the value itself, and the field in it."""
        part, _, attribute = (self.home or self.name).rpartition(".")
        return part, attribute


@dataclass(frozen=True)
class Section(Kind):
    """A table with known keys. Reads to a dict of the keys that are there; `make` builds the domain's value of it."""

    keys: tuple[Key, ...]
    make: Callable[..., Any] = dict
    noun: str = "a table"
    outer: Callable[[], Collection[str]] = tuple  # keys of the table around it, which end up here by mistake

    @property
    def expected(self) -> str:
        return self.noun

    @cached_property
    def by_name(self) -> Mapping[str, Key]:
        return {key.name: key for key in self.keys}

    @cached_property
    def _required(self) -> tuple[Key, ...]:
        return tuple(key for key in self.keys if key.required)

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, dict):
            return self.refuse(value, path, document)
        values = self.read_known(value, path, document)
        for key in self._required:
            if key.name not in value:
                document.error(path, f"{key.name} is missing: {key.kind.expected}", at_value=False)
        return values

    def read_known(self, table: dict[str, Any], path: KeyPath, document: Document) -> dict[str, Any]:
        """The valid values by key; what is unknown or invalid is noted."""
        values, known = {}, self.by_name
        for name, value in table.items():
            key = known.get(name)
            if key is None:
                document.error((*path, name), "unknown key", self._hint(name, value, path), at_value=False)
                continue
            read = key.kind.read(value, (*path, name), document)
            if read is not INVALID:
                values[name] = read
        return values

    def _hint(self, name: str, value: object, path: KeyPath) -> str:
        if isinstance(value, dict) and "command" in value and len(path) == 2:
            return f'a job\'s name with a dot is quoted: [{path[0]}."{path[1]}.{name}"]'
        if name in self.outer():
            return f"it is a key of {dotted(path[:-1])}: write it above [{dotted(path)}]"
        return did_you_mean(name, self.by_name)

    def build(self, value: Mapping[str, Any], share: Share = make_anew, **fixed: Any) -> Any:
        """The domain's value, each key at its home; `fixed` are fields that no key gives. Parts come from `share`."""
        parts: dict[str, dict[str, Any]] = {}
        for name, one in value.items():
            part, attribute, build = self._homes[name]
            fields = parts.setdefault(part, {}) if part else fixed
            fields[attribute] = one if build is None else build(one)
        for part, attributes in parts.items():
            fixed[part] = share(self._part_types[part], attributes)
        return self.make(**fixed)

    def part(self, name: str, value: Mapping[str, Any], share: Share = make_anew) -> Any:
        """One part of the domain's value, as `build` makes it."""
        homes = self._homes
        attributes = {homes[key][1]: one for key, one in value.items() if homes[key][0] == name}
        return share(self._part_types[name], attributes)

    @cached_property
    def _homes(self) -> Mapping[str, tuple[str, str, Callable[[Any], Any] | None]]:
        """Part and field of each key, and what makes the domain's value of it where that is another one."""
        plain = Kind.build
        return {key.name: (*key.target, None if type(key.kind).build is plain else key.kind.build) for key in self.keys}

    @cached_property
    def _part_types(self) -> Mapping[str, type]:
        return {name: type(one) for name, one in _defaults(self.make).items() if _has_fields(one)}

    def schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: self.property_schema(key) for key in self.keys},
        }
        required = [key.name for key in self.keys if key.required]
        return schema | {"required": required} if required else schema

    def property_schema(self, key: Key) -> Schema:
        """The schema of one key with its description and default."""
        described = {"description": key.description, **key.kind.schema()}
        default = self.default_of(key)
        return described if default is None else described | {"default": default}

    def default_of(self, key: Key) -> object:
        """The default as it would stand in the file; None when there is none to name."""
        if key.default:
            return key.default
        owner: Any = self.make
        for attribute in (key.home or key.name).split("."):
            if not _has_fields(owner) or attribute not in _defaults(owner):
                return None
            owner = _defaults(owner)[attribute]
        written = key.kind.write(owner)
        return written if isinstance(written, str | int | float | bool | list) and written not in ("", []) else None


def _has_fields(value: Any) -> bool:
    """Whether it is one of the domain's values: a data class, or a named tuple where every run passes it."""
    return is_dataclass(value) or hasattr(value, "_field_defaults")


def _defaults(owner: Any) -> Mapping[str, Any]:
    """The fields of such a value, or of its class, that have a default."""
    if not is_dataclass(owner):
        known: Mapping[str, Any] = owner._field_defaults
        return known
    return {one.name: one.default for one in fields(owner) if one.default is not MISSING}


@dataclass(frozen=True)
class Named(Kind):
    """A table whose keys are free names of one shape."""

    name_pattern: str
    name_expected: str
    value: Kind
    noun: str = "a table"

    @property
    def expected(self) -> str:
        return self.noun

    @cached_property
    def _is_name(self) -> Callable[[str], object]:
        return re.compile(self.name_pattern).fullmatch

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, dict):
            return self.refuse(value, path, document)
        values = {}
        for name, one in value.items():
            read = self.read_one(name, one, path, document)
            if read is not INVALID:
                values[name] = read
        return values

    def read_one(self, name: str, value: object, path: KeyPath, document: Document) -> object:
        """One entry; a wrong name is noted and the value is read all the same, to find what is wrong with it."""
        if not self._is_name(name):
            document.error((*path, name), f"expected {self.name_expected}", at_value=False)
            self.value.read(value, (*path, name), document)
            return INVALID
        return self.value.read(value, (*path, name), document)

    def build(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.value.build(one) for name, one in value.items()}

    def schema(self) -> Schema:
        return {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {f"^{self.name_pattern}$": self.value.schema()},
        }


@dataclass(frozen=True)
class Tagged(Kind):
    """A table whose key `type` decides which other keys it has."""

    variants: Mapping[str, Section] = field(default_factory=dict)

    @property
    def expected(self) -> str:
        return "a table with a type"

    def read(self, value: object, path: KeyPath, document: Document) -> object:
        if not isinstance(value, dict):
            return self.refuse(value, path, document)
        if "type" not in value:
            document.error(path, f"type is missing: one of {', '.join(self.variants)}", at_value=False)
            return INVALID
        section = self.variants.get(value["type"]) if isinstance(value["type"], str) else None
        if section is None:
            anything = next(iter(self.variants.values()))
            return anything.by_name["type"].kind.read(value["type"], (*path, "type"), document)
        return section.read(value, path, document)

    def schema(self) -> Schema:
        schemas = {name: section.schema() for name, section in self.variants.items()}
        for name, schema in schemas.items():
            schema["properties"]["type"] |= {"enum": [name]}
        return {"oneOf": list(schemas.values())}
