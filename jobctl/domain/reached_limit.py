"""A limit of `limits` that an attempt died of."""

import enum
from typing import NamedTuple

from jobctl.domain.units import format_duration, format_size


class LimitKind(enum.IntEnum):
    """The numbers are those of a keeper's record; they never change."""

    MEMORY = 1
    CPU = 2
    OPEN_FILES = 3
    PROCESSES = 4


class ReachedLimit(NamedTuple):
    """`amount` is what the job was allowed: bytes, seconds or a number. `enforced`: its keeper stopped it for that,
    whatever exit code it chose then."""

    kind: LimitKind
    amount: int
    enforced: bool = False

    @property
    def words(self) -> str:
        """`memory limit of 2GB reached`."""
        if self.kind is LimitKind.MEMORY:
            return f"memory limit of {format_size(self.amount)} reached"
        if self.kind is LimitKind.CPU:
            return f"cpu limit of {format_duration(self.amount)} used up"
        return f"{self.kind.name.lower()} limit of {self.amount} reached"
