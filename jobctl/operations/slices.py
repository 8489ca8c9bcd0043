"""Many runs changed at once: a slice at a time, each a commit of its own, so that nobody waits long to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

SLICE = 200  # runs: some ten milliseconds

Item = TypeVar("Item")


def sliced(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in their order, so many at a time."""
    return (items[first : first + SLICE] for first in range(0, len(items), SLICE))
