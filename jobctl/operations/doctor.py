"""What is wrong with an installation, and what to do about each thing: the order of the examination."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobctl.errors import JobctlError
from jobctl.operations.context import Context
from jobctl.presence import is_there

if TYPE_CHECKING:
    from jobctl.domain.settings import Configuration


class Level(enum.Enum):
    """How bad it is. BAD keeps something from working; DOUBTFUL may do so one day, or is unlikely to be meant."""

    GOOD = "ok"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do; empty where nothing is to be done."""

    check: str
    level: Level
    message: str
    advice: str = ""


def examine(ctx: Context) -> Iterator[Finding]:
    """Look at everything, one thing after the other. Whatever is wrong is a finding, never an error."""
    from jobctl.operations import doctor_machine as machine  # parsers and processes, only for those who ask
    from jobctl.operations import doctor_state as state
    from jobctl.operations.definitions import load_with_doubts

    yield from machine.of_machine()
    yield from machine.of_disk(ctx)
    configuration: Configuration | None = None
    try:
        configuration = load_with_doubts(ctx).configuration
    except JobctlError as error:
        first, *others = error.message.split("\n")
        more = f" (and {len(others)} more lines)" if others else ""
        needed = ctx.places.is_named or is_there(ctx.places.jobs_file) or state.has_jobs(ctx)  # `exec` does without
        level = Level.BAD if needed else Level.DOUBTFUL
        yield Finding("jobs file", level, first + more, error.hint.split("\n")[0] or "`jobctl check` tells all of it")
    if configuration is not None:
        yield state.jobs_file(ctx, configuration)
    yield state.daemon(ctx)
    if not is_there(ctx.places.state_dir):
        words = f"there is none yet: {ctx.places.state_dir}"
        yield Finding("state directory", Level.DOUBTFUL, words, "the daemon or the first run makes it")
    else:
        yield from state.of_store(ctx)
    if configuration is not None:
        from jobctl.operations.pressure import collisions  # compiles every schedule

        yield collisions(configuration, ctx.clock.now())
