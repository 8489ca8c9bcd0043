"""Payloads that come by the thousand: what a job takes is worked out once, and what is plainly right becomes JSON in a
fraction of the time. It refuses nothing: of all else `Signature.payload` knows what is wrong, or that nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jobctl.domain.job import Param
from jobctl.domain.params import MAX_PAYLOAD, encode, problem_of

_Taker = Callable[[object], str | None]  # a value as JSON; None: not plainly right
_OPTIONAL = ""  # stands for nothing


class PlainPayloads:
    """Those of one job."""

    def __init__(self, params: Mapping[str, Param]) -> None:
        self._fields = [
            (name, f"{encode(name)}:", _taker(param), _missing(name, param)) for name, param in params.items()
        ]

    def payload(self, given: Mapping[str, object]) -> str | None:
        """What `Signature.payload` makes of the values, to the letter; None: ask it."""
        members = []
        strangers = len(given)
        for name, key, taken, missing in self._fields:
            if name in given:
                text = taken(given[name])
                if text is None:
                    return None
                strangers -= 1
                members.append(key + text)
            elif missing is None:
                return None
            elif missing:
                members.append(missing)
        text = f"{{{','.join(members)}}}"
        return None if strangers or not self._fields or len(text) > MAX_PAYLOAD // 4 else text


def _missing(name: str, param: Param) -> str | None:
    """What stands in the payload where the value is not given; None where it must be."""
    if param.default is not None:
        return encode({name: param.default})[1:-1]
    return None if param.required else _OPTIONAL


def _taker(param: Param) -> _Taker:
    if param.type == "string":
        return _one_of(param) if param.choices else _string(param)
    if param.type == "integer" and not param.choices:
        return _integer(param)

    def any_value(value: object) -> str | None:
        return None if problem_of(value, param) else encode(value)

    return any_value


def _one_of(param: Param) -> _Taker:
    texts = {choice: encode(choice) for choice in param.choices if not problem_of(choice, param)}
    return lambda value: texts.get(value) if type(value) is str else None


def _string(param: Param) -> _Taker:
    found = re.compile(param.pattern or "").search
    least = param.min_length or 0
    most = MAX_PAYLOAD if param.max_length is None else param.max_length

    def string(value: object) -> str | None:
        """Letters outside of ASCII may be no text at all, so they are looked at more closely."""
        if type(value) is not str or not least <= len(value) <= most or not found(value) or "\0" in value:
            return None
        return encode(value) if value.isascii() or not problem_of(value, param) else None

    return string


def _integer(param: Param) -> _Taker:
    least = max(-(2**63), -(2**63) if param.minimum is None else param.minimum)
    most = min(2**63 - 1, 2**63 - 1 if param.maximum is None else param.maximum)

    def integer(value: object) -> str | None:
        return str(value) if type(value) is int and least <= value <= most else None

    return integer
