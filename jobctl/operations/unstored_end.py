"""Ends that keepers have written down and that the daemon has not stored, as on a full disk: the runs look as if they
went on."""

from __future__ import annotations

from collections.abc import Iterable

from jobctl.domain.outcome import AttemptEnd
from jobctl.domain.run import Attempt, Run, Status
from jobctl.operations.context import Context
from jobctl.operations.daemon_word import for_want_of_room
from jobctl.operations.settlement import unfinished_attempt
from jobctl.process.record import read as read_record

_LOOK_EVERY_MS = 3_000
_LATE_AFTER_MS = 3_000  # a daemon that is held up by nothing needs a few milliseconds
_LOOKED_AT = 20  # runs; what keeps the ends of the others is the same


def unstored_end(ctx: Context, attempt: Attempt) -> AttemptEnd | None:
    """How an attempt ended that the store knows as running, by the record of its keeper."""
    try:
        end = read_record(ctx.places.keepers_dir / attempt.keeper).end
    except OSError:
        return None
    return end if end is not None and end.token == attempt.token else None


class UnstoredEnds:
    """For one who waits for runs while a daemon lives: tells of each once."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._looked_at = ctx.clock.boottime()
        self._told: set[int] = set()

    def look(self, runs: Iterable[Run]) -> list[tuple[Run, str]]:
        """Those of which there is something new to tell, and what, in words that follow the name of the run."""
        now = self._ctx.clock.boottime()
        if now - self._looked_at < _LOOK_EVERY_MS or self._ctx.daemon_pid is None:
            return []
        self._looked_at = now
        running = [run for run in runs if run.status is Status.RUNNING and run.id not in self._told]
        late = [run for run in running[:_LOOKED_AT] if self._is_late(run)]
        self._told.update(run.id for run in late)
        words = f"has ended, and the daemon has not stored the end{for_want_of_room(self._ctx)}" if late else ""
        return [(run, words) for run in late]

    def _is_late(self, run: Run) -> bool:
        attempt = unfinished_attempt(self._ctx.store, run.id)
        end = unstored_end(self._ctx, attempt) if attempt is not None else None
        return end is not None and self._ctx.clock.now() - end.finished_at > _LATE_AFTER_MS
