"""What a tick is made of."""

from __future__ import annotations

from typing import Protocol

NEVER = 1 << 62  # later than any instant


class Step(Protocol):
    """One concern of the daemon. All steps of a tick share one transaction of the store.

    A step keeps in memory only what it could read again from the store. What it decides in `tick` holds once
    `committed` is called; after `rolled_back` nothing of the tick has happened.

    Most ticks of a busy daemon concern few steps. Until `sleeps_until` a step is passed by, unless all are asked
    (`News.foreign`); what it should have seen meanwhile it sees then, so that is when it is called at the latest.
    """

    @property
    def sleeps_until(self) -> int:
        """The first instant at which a tick concerns this step; 0: every tick does."""
        ...

    def tick(self, now: int) -> None:
        """Do what is due at `now` (milliseconds since the epoch)."""
        ...

    def committed(self) -> None:
        """The tick is durable: let its effects out."""
        ...

    def rolled_back(self) -> None:
        """The tick did not happen: forget what it decided."""
        ...

    def next_at(self) -> int | None:
        """When the step wants to be called again, whatever happens until then. Asked after a tick that concerned it."""
        ...


class QuietStep:
    """A step without memory and without deadlines of its own; others override what they need."""

    sleeps_until = 0

    def tick(self, now: int) -> None:
        raise NotImplementedError

    def committed(self) -> None:
        return

    def rolled_back(self) -> None:
        return

    def next_at(self) -> int | None:
        return None
