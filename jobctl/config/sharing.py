"""Equal parts of jobs are one: thousands of jobs differ in few of their parts, and what is one is made, kept and put in
words once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Share = Callable[[Callable[..., Any], Mapping[str, Any]], Any]


def make_anew(kind: Callable[..., Any], attributes: Mapping[str, Any]) -> Any:
    """A value of its own."""
    return kind(**attributes)


class Shared:
    """Makes frozen values. Those with equal attributes are the same one, where the attributes can be compared by hash.

    The attributes of a field are always of one type, so that 1 never stands for true.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Any] = {}

    def make(self, kind: Callable[..., Any], attributes: Mapping[str, Any]) -> Any:
        key = (kind, *attributes.items())
        try:
            made = self._made.get(key)
        except TypeError:  # a table is among them
            return kind(**attributes)
        if made is None:
            made = self._made[key] = kind(**attributes)
        return made
