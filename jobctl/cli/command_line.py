"""The words of a call, read by the parameters that it may have. Errors are UsageError and name where help is."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from jobctl.cli.parameters import Parameter
from jobctl.errors import UsageError


class Words:
    """The words of one call behind `path`, which is how its help is found."""

    def __init__(self, path: str, parameters: Iterable[Parameter]) -> None:
        self._path = path
        self._parameters = list(parameters)
        self._options = {name: parameter for parameter in self._parameters for name in parameter.opts}

    def leading(self, words: Sequence[str]) -> tuple[list[tuple[Parameter, Any]], list[str]]:
        """The options before the first other word, and what is left from that word on."""
        rest = deque(words)
        found: list[tuple[Parameter, Any]] = []
        while rest and _is_option(rest[0]):
            found += self._option(rest.popleft(), rest)
        return found, list(rest)

    def all(self, words: Sequence[str]) -> tuple[list[tuple[Parameter, Any]], list[str]]:
        """The options wherever they stand before a `--`, and the other words."""
        rest = deque(words)
        found: list[tuple[Parameter, Any]] = []
        others: list[str] = []
        while rest:
            word = rest.popleft()
            if word == "--":
                return found, [*others, *rest]
            if _is_option(word):
                found += self._option(word, rest)
            else:
                others.append(word)
        return found, others

    def values(self, found: Iterable[tuple[Parameter, Any]], others: Sequence[str]) -> dict[str, Any]:
        """The value of every parameter by its name: as found, by its place, or its default."""
        values: dict[str, Any] = {}
        for parameter, value in [*found, *self._placed(deque(others))]:
            if parameter.many:
                values.setdefault(parameter.name, []).append(value)
            else:
                values[parameter.name] = value
        for parameter in self._parameters:
            if parameter.name not in values:
                if parameter.required:
                    raise self._wrong(f"missing {'option' if parameter.opts else 'argument'} {parameter.spelled}")
                values[parameter.name] = parameter.default
        return values

    def _placed(self, others: deque[str]) -> list[tuple[Parameter, Any]]:
        found = []
        for parameter in self._parameters:
            if not parameter.opts:
                while others:
                    found.append((parameter, self._read(parameter, others.popleft())))
                    if not parameter.many:
                        break
        if others:
            raise self._wrong(f"got unexpected extra argument(s) ({' '.join(others)})")
        return found

    def _option(self, word: str, rest: deque[str]) -> list[tuple[Parameter, Any]]:
        """What a word says that begins with a dash; its value may be the next word."""
        if not word.startswith("--"):
            return self._short(word[1:], rest)
        name, equals, value = word.partition("=")
        parameter = self._known(name)
        if parameter.is_flag:
            if equals:
                raise self._wrong(f"option '{name}' does not take a value")
            return [(parameter, True)]
        return [(parameter, self._read(parameter, value if equals else self._next(name, rest)))]

    def _short(self, letters: str, rest: deque[str]) -> list[tuple[Parameter, Any]]:
        """`-f`, `-fq`, `-n5`, `-fn 5`."""
        found: list[tuple[Parameter, Any]] = []
        for at, letter in enumerate(letters, 1):
            parameter = self._known(f"-{letter}")
            if not parameter.is_flag:
                value = letters[at:] or self._next(f"-{letter}", rest)
                return [*found, (parameter, self._read(parameter, value))]
            found.append((parameter, True))
        return found

    def _next(self, name: str, rest: deque[str]) -> str:
        if not rest:
            raise self._wrong(f"option '{name}' requires an argument")
        return rest.popleft()

    def _known(self, name: str) -> Parameter:
        if name in self._options:
            return self._options[name]
        from difflib import get_close_matches  # 2 ms, for this mistake only

        near = get_close_matches(name, self._options, n=2, cutoff=0.7) if name.startswith("--") else []
        meant = " or ".join(f"`{option}`" for option in near)
        hint = f"did you mean {meant}?" if near else f"`{self._path} --help` lists the options"
        raise UsageError(f"there is no option `{name}`", hint)

    def _read(self, parameter: Parameter, text: str) -> Any:
        try:
            return _value(parameter, text)
        except ValueError as error:
            raise self._wrong(f"invalid value for {parameter.spelled}: {error}") from None

    def _wrong(self, message: str) -> UsageError:
        return UsageError(message, f"see `{self._path} --help`")


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-")


def _value(parameter: Parameter, text: str) -> Any:
    kind = parameter.kind
    if issubclass(kind, enum.Enum):
        return _member(kind, text)
    if kind not in (int, float):
        return kind(text)
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"'{text}' is no {'whole number' if kind is int else 'number'}") from None
    low, high = parameter.low, parameter.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(f"{text} is not in the range {bounds(parameter)}")
    return number


def _member(kind: type[enum.Enum], text: str) -> enum.Enum:
    try:
        return kind(text)
    except ValueError:
        choices = ", ".join(f"'{member.value}'" for member in kind)
        raise ValueError(f"'{text}' is not one of {choices}") from None


def bounds(parameter: Parameter) -> str:
    """`1<=x<=10`, `x>=0`, or nothing."""
    low, high = parameter.low, parameter.high
    if low is None:
        return "" if high is None else f"x<={high:.15g}"
    return f"x>={low:.15g}" if high is None else f"{low:.15g}<=x<={high:.15g}"
