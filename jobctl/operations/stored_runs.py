"""Many runs of which only the ids are in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from jobctl.domain.run import Run
from jobctl.operations.context import Context


class StoredRuns:
    """Runs that are read one by one whenever somebody walks over them, as they are then; one that was deleted
    meanwhile is left out. A million take no more memory than their ids."""

    def __init__(self, ctx: Context, ids: Sequence[int]) -> None:
        self._ctx = ctx
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Run]:
        found = map(self._ctx.store.runs.get, self._ids)
        return (run for run in found if run is not None)


Runs: TypeAlias = Sequence[Run] | StoredRuns
