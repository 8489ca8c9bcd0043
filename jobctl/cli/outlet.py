"""Where the output of a run goes. Whoever reads may stop reading: Ctrl-C must not wait for that."""

from __future__ import annotations

import select
from collections.abc import Callable
from io import UnsupportedOperation
from typing import BinaryIO

# pipe(7): what select calls writable takes so much without blocking.
_AT_ONCE = select.PIPE_BUF
_LOOK_EVERY = 0.1  # seconds, while nobody reads


class Outlet:
    """Passes bytes on to `target` for as long as somebody takes them, or is waited for."""

    def __init__(self, target: BinaryIO, is_waited_for: Callable[[], bool]) -> None:
        self._target = target
        self._is_waited_for = is_waited_for
        self._is_left = False
        try:
            self._descriptor: int | None = target.fileno()
        except UnsupportedOperation:  # memory takes everything at once
            self._descriptor = None

    def write(self, data: bytes) -> None:
        """Raises OSError as the target does. Once nobody took anything and is waited for, all is dropped."""
        rest = memoryview(data)
        while rest and self._has_room():
            self._target.write(rest[:_AT_ONCE])
            self._target.flush()
            rest = rest[_AT_ONCE:]

    def _has_room(self) -> bool:
        if self._descriptor is None:
            return True
        while not self._is_left:
            if select.select([], [self._descriptor], [], _LOOK_EVERY)[1]:
                return True
            self._is_left = not self._is_waited_for()
        return False
