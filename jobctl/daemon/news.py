"""What the steps of a tick can know without asking the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class News:
    """`foreign`: another process may have written since the last tick that was committed, so what only others write has
    to be asked for. `stops`: this tick itself asks running attempts to stop."""

    foreign: bool = True
    stops: bool = False
