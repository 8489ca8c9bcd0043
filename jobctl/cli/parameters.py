"""The parameters of a verb, read off its function."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from types import UnionType
from typing import Any, NamedTuple

from jobctl.cli.declare import Argument, Option

_METAVARS = {int: "INTEGER", float: "NUMBER"}


class Parameter(NamedTuple):
    """One thing that a call may say. `opts` are its spellings; without any it is an argument, taken by its place."""

    name: str
    opts: tuple[str, ...]
    kind: type[Any]
    help: str
    metavar: str = ""
    many: bool = False
    required: bool = False
    default: Any = None
    low: float | None = None
    high: float | None = None

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return self.kind is bool

    @property
    def spelled(self) -> str:
        """As errors name it: `'-n' / '--limit'`, or the place of an argument."""
        return " / ".join(f"'{name}'" for name in self.opts) or f"'{self.metavar}'"


def parameters_of(function: Callable[..., Any]) -> list[Parameter]:
    """What a call of this function may say, in the order of its parameters; the first one is the context."""
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[1 : code.co_argcount]
    values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    scope = sys.modules[function.__module__].__dict__
    found = []
    for name in names:
        annotation = function.__annotations__[name]
        if isinstance(annotation, str):
            annotation = eval(annotation, scope)  # our own source, as `typing.get_type_hints` would, 3 ms sooner
        found.append(_parameter(name, annotation, name not in values, values.get(name)))
    return found


def _parameter(name: str, annotation: Any, required: bool, default: Any) -> Parameter:
    told = annotation.__metadata__[0]
    kind, many = _kind(annotation.__origin__)
    metavar = told.metavar or _metavar(name, kind)
    if isinstance(told, Argument):
        return Parameter(name, (), kind, told.help, metavar, many, required, default)
    if not isinstance(told, Option):
        raise TypeError(f"{name}: declare it with Option or Argument of jobctl.cli.declare, not {type(told)}")
    opts = told.names or (f"--{name.replace('_', '-')}",)
    return Parameter(name, opts, kind, told.help, metavar, many, required, default, told.min, told.max)


def _kind(annotation: Any) -> tuple[type[Any], bool]:
    """`list[str] | None` is several of str."""
    if isinstance(annotation, UnionType):
        (annotation,) = (inner for inner in annotation.__args__ if inner is not type(None))
    if getattr(annotation, "__origin__", None) is list:
        return annotation.__args__[0], True
    return annotation, False


def _metavar(name: str, kind: type[Any]) -> str:
    if issubclass(kind, enum.Enum):
        return f"<{'|'.join(str(member.value) for member in kind)}>"
    return _METAVARS.get(kind, name.upper())
