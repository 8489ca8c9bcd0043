"""Many runs changed at once: a slice at a time, each a commit of its own, so that nobody waits long to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

SLICE = 200  # runs: some ten milliseconds

Item = TypeVar("Item")


def sliced(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in their order, so many at a time."""
    left = iter(items)
    while part := list(islice(left, SLICE)):
        yield part
