"""What keeps `exec` from recording a command, or from starting it; and the keeper, which gets ready while the rest of
`exec` is imported.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from jobctl.config.places import make_state_dir
from jobctl.errors import JobctlError, Refused
from jobctl.operations.context import Context
from jobctl.process.link import Streams
from jobctl.process.pool import Pool
from jobctl.process.problem import LaunchProblem

_AWAY_WITHIN_MS = 2_000
_PATIENCE_SECONDS = 10  # for a store that others hold


class NotRecorded(JobctlError):
    """No record can be kept, and the command was not started."""


class Overlapped(Refused):
    """A run of the job is under way, and its `overlap` lets no other one start. The skipped run is stored."""


class CalledOff(JobctlError):
    """A signal came before the command was started. Where it waited for another run, the skipped run is stored."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


@contextmanager
def recording() -> Iterator[None]:
    """Whatever goes wrong inside keeps jobctl from recording, and must not keep the command from running."""
    try:
        yield
    except (LaunchProblem, Overlapped, CalledOff):
        raise
    except Exception as error:
        raise NotRecorded(words_of(error)) from error


def words_of(error: Exception) -> str:
    """What went wrong, in a sentence."""
    return error.message if isinstance(error, JobctlError) else f"{type(error).__name__}: {error}"


@contextmanager
def patient() -> Iterator[None]:
    """TimeoutError when it takes too long: somebody who was stopped may hold the store for ever."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the store is held by others for more than {_PATIENCE_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def keeper_with(ctx: Context, streams: Streams) -> Iterator[Pool]:
    """A pool with one keeper, which has these streams and has just been started. One that is not needed after all is
    waited for, so that nothing is left of it. Raises what keeps it from being started."""
    make_state_dir(ctx.places)
    if not ctx.store_is_made():
        with patient():  # first: the record of a keeper would be taken for the trace of a database that was lost
            _ = ctx.store
    pool = Pool(ctx.places.keepers_dir, streams=streams)
    try:
        pool.warm(1, ctx.clock.now())
        yield pool
    except BaseException:
        pool.close(_AWAY_WITHIN_MS)
        raise
    pool.close()
