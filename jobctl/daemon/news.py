"""What the steps of a tick can know without asking the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class News:
    """`foreign`: another process may have written since the last tick that was committed, so what only others write has
    to be asked for; or the definitions or the clock are others now. No step sleeps through such a tick. `stops`: an
    attempt may have to be stopped although nobody else has written: the daemon asks for it itself, or has only now
    found the attempt. `awake_since`, in seconds: from when on the daemon has been at work without a break; what was due
    before passed while `passed_while`, in words."""

    foreign: bool = True
    stops: bool = False
    awake_since: int = 0
    passed_while: str = ""
