"""Payloads: the typed params of a job, read from what a person or a program gives, and handed to a command.

No sentence here ever shows a given value: it may be a secret. What is expected comes from the jobs file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jobctl.domain.job import Param
from jobctl.domain.own_variables import MAX_VARIABLE, VARIABLE_PREFIX

MAX_PAYLOAD = 1_000_000  # bytes of one payload as JSON

Values = dict[str, object]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "list": (list,),
}  # fmt: skip
_EXPECTED = {
    "string": "a string", "integer": "a whole number", "number": "a finite number", "boolean": "true or false",
    "list": "a list of strings, numbers and booleans",
}  # fmt: skip
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?", re.ASCII | re.IGNORECASE)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LONGEST_NUMBER = 64  # characters of a number that somebody types


class WrongParams(ValueError):
    """A payload that its job does not take; `problems` are sentences, all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Signature:
    """What payloads of one job look like."""

    job: str
    params: Mapping[str, Param]

    def payload(self, given: Mapping[str, object], texts: Mapping[str, Sequence[str]] | None = None) -> str | None:
        """The payload as JSON with all defaults; None for a job without params. WrongParams tells all that is wrong.

        `given` holds typed values, `texts` what was written as NAME=VALUE, which goes before `given`.
        """
        values: Values = dict(given)
        problems = self._unknown([name for name in values if name not in self.params])
        unread: set[str] = set()
        if texts:
            problems += self._unknown([name for name in texts if name not in self.params and name not in values])
            unread = self._read(texts, values, problems)
        payload: Values = {}
        for name, param in self.params.items():
            if name in values:
                if sentence := problem_of(values[name], param):
                    problems.append(f"{name}: {sentence}")
                payload[name] = values[name]
            elif param.default is not None:
                payload[name] = param.default
            elif param.required and name not in unread:
                problems.append(f"{name}: it is missing: expected {_EXPECTED[param.type]}")
        if problems:
            raise WrongParams(problems)
        return _encoded(payload) if self.params else None

    def _read(self, texts: Mapping[str, Sequence[str]], values: Values, problems: list[str]) -> set[str]:
        """Put what the texts mean into the values; the names of those that mean nothing."""
        unread = set()
        for name, written in texts.items():
            if name in self.params:
                try:
                    values[name] = read_text(written, self.params[name])
                except ValueError as error:
                    values.pop(name, None)
                    problems.append(f"{name}: {error}")
                    unread.add(name)
        return unread

    def _unknown(self, strangers: Sequence[str]) -> list[str]:
        if strangers and not self.params:
            example = f'[jobs.{self.job}.params] with {_printable(strangers[0])} = {{ type = "string" }}'
            return [f"it takes no params; declare them in the jobs file: {example}"]
        return [f"{_printable(name)}: there is no such param{self._nearest(name)}" for name in strangers]

    def _nearest(self, name: str) -> str:
        near = get_close_matches(name, self.params, n=1)
        return f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(self.params)}"


def signature_from(job: str, definition: Mapping[str, Any]) -> Signature:
    """The signature within a resolved definition, as the store keeps it."""
    declared = definition.get("params", {})
    return Signature(
        job, {name: Param(**(keys | {"choices": tuple(keys["choices"])})) for name, keys in declared.items()}
    )


def read_text(written: Sequence[str], param: Param) -> object:
    """The value that somebody wrote, once or, for a list, several times. ValueError says what is expected.

    A list is one JSON array, or a string for each time that it was written.
    """
    text = written[-1]
    if param.type == "list":
        return _array(text) if len(written) == 1 and text.startswith("[") else list(written)
    if len(written) > 1:
        raise ValueError(f"it is given {len(written)} times; only a list may be")
    if param.type == "string":
        return text
    if param.type == "boolean" and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if param.type in ("integer", "number") and _INTEGER.fullmatch(text):
        return int(text)
    if param.type == "number" and len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        return float(text)
    raise ValueError(f"expected {_EXPECTED[param.type]}")


def expected_of(value: Any, param: Param) -> str:
    """What is expected of the value where it does not obey; nothing where it does."""
    if not is_of_type(value, param.type):
        return _EXPECTED[param.type]
    if param.choices and value not in param.choices:
        return "one of " + ", ".join(json.dumps(choice, ensure_ascii=False) for choice in param.choices)
    if param.pattern is not None and isinstance(value, str) and not re.search(param.pattern, value):
        return f"a match of {param.pattern}"
    if isinstance(value, str | list):
        return _outside(len(value), param.min_length, param.max_length, "a length")
    return _outside(value, param.minimum, param.maximum, "a number")


def expected_of_type(kind: str) -> str:
    """What a value of the type is, in words."""
    return _EXPECTED[kind]


def is_of_type(value: object, kind: str) -> bool:
    """Whether a value is what its type says; true and false are no numbers, a number is finite."""
    if not isinstance(value, _TYPES[kind]):
        return False
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, list) or all(_is_element(one) for one in value)


def values_of(params: Mapping[str, Param], payload: str | None) -> Values:
    """The values of a run: those of its payload, and the defaults of params that the payload knows nothing of."""
    stored: Values = json.loads(payload) if payload is not None else {}
    defaults = {name: one.default for name, one in params.items() if one.default is not None}
    return defaults | stored


def encode(value: object) -> str:
    """JSON without blanks."""
    return _encode(value)


def as_text(value: object) -> str:
    """A value as a command gets it: strings as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def substituted(command: Sequence[str], params: Iterable[str], values: Mapping[str, object]) -> tuple[str, ...]:
    """The command with the value of each declared param for its `{name}`, nothing where it has none.

    All other braces stay, and what comes in with a value is not looked at again.
    """
    names = "|".join(map(re.escape, params))
    if not names:
        return tuple(command)
    place = re.compile(f"{{({names})}}")
    return tuple(place.sub(lambda found: as_text(values.get(found[1], "")), element) for element in command)


def variables(values: Mapping[str, object]) -> dict[str, str]:
    """The values as variables: `JOBCTL_PARAM_TO`. One too long for the kernel is left out; the file has it."""
    named = {f"{VARIABLE_PREFIX}{name.upper()}": as_text(value) for name, value in values.items()}
    return {name: text for name, text in named.items() if len(name) + 1 + len(text.encode()) < MAX_VARIABLE}


def _encoded(payload: Values) -> str:
    text = encode(payload)
    if len(text) > MAX_PAYLOAD // 4 and (size := len(text.encode())) > MAX_PAYLOAD:
        raise WrongParams([f"the payload is {size:,} bytes as JSON; at most {MAX_PAYLOAD:,} are taken"])
    return text


def problem_of(value: object, param: Param) -> str:
    """What is wrong with a value, in words; nothing where it is right."""
    if expected := expected_of(value, param):
        return f"expected {expected}"
    if isinstance(value, list):
        return next((problem for one in value if (problem := _undeliverable(one))), "")
    return _undeliverable(value)


def _undeliverable(value: object) -> str:
    """Why a value cannot reach a program."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "expected a number of 64 bits"
    if isinstance(value, str):
        if "\0" in value:
            return "a NUL character cannot be passed to a program"
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                return "expected text in UTF-8"
    return ""


def _is_element(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _outside(value: float, low: float | None, high: float | None, noun: str) -> str:
    if low is not None and value < low:
        return f"{noun} of at least {low:.15g}"
    if high is not None and value > high:
        return f"{noun} of at most {high:.15g}"
    return ""


def _array(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('expected a JSON array such as ["a", "b"], or one value each time') from None


def _printable(name: str) -> str:
    """A name that somebody made up, fit to be shown."""
    shown = name if name.isprintable() else ascii(name)[1:-1]
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
