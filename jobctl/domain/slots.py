"""What every schedule can answer. A slot is a nominal instant in whole seconds since the epoch, UTC."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Schedule(Protocol):
    """The slots of a job. Immutable and shareable; every method is pure. A range is `after < slot <= until`."""

    __slots__ = ("__weakref__",)

    wild: bool  # whether slots come again after the clock was set back (WILD cron, intervals)

    @abstractmethod
    def next_after(self, slot: int) -> int | None:
        """The first slot after `slot`; None when there is none before the year 2201."""

    @abstractmethod
    def previous_at_or_before(self, slot: int) -> int | None:
        """The newest slot that is not after `slot`; None when there is none since 1970."""

    @abstractmethod
    def count_between(self, after: int, until: int, limit: int) -> int:
        """How many slots the range has, at most `limit`. Exact, without enumerating them."""

    def slots_between(self, after: int, until: int, limit: int) -> list[int]:
        """The oldest `limit` slots of the range, oldest first."""
        slots: list[int] = []
        slot = self.next_after(after)
        while slot is not None and slot <= until and len(slots) < limit:
            slots.append(slot)
            slot = self.next_after(slot)
        return slots

    def newest_between(self, after: int, until: int, limit: int) -> list[int]:
        """The newest `limit` slots of the range, oldest first."""
        slots: list[int] = []
        slot = self.previous_at_or_before(until)
        while slot is not None and slot > after and len(slots) < limit:
            slots.append(slot)
            slot = self.previous_at_or_before(slot - 1)
        return slots[::-1]
