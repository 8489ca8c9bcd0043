"""Runs made on request, one for each line of a file: all of them or none, durable when the call returns."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from jobctl.domain.run import Origin
from jobctl.errors import UsageError
from jobctl.operations.context import Context, actor
from jobctl.operations.request import Order, Request, RunMaker, WrongRequest, differ
from jobctl.operations.request_lines import WrongLine, read_requests
from jobctl.operations.selection import get_run
from jobctl.store.records import Event

_IN_THE_ERROR = 50  # bad lines; of more each is told as it is met
_OF_A_LINE = 50  # problems
_IN_MEMORY = 16 * 2**20  # bytes of accepted lines; more go to a file without a name
_BLOCK_RUNS, _BLOCK_SIZE = 5_000, 4 * 2**20  # what one call of the store gets: lines, and characters of payload


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The runs of a file, in the order of its lines; `existed` counts those that their ids had made before, `differing`
    those among them that have other params."""

    run_ids: Sequence[int]
    existed: int
    differing: int


@contextmanager
def accepted_lines(
    ctx: Context,
    name: str,
    lines: BinaryIO,
    common: Request,
    origin: Origin,
    tell: Callable[[str], None] | None = None,
) -> Iterator[Callable[[], Enqueued]]:
    """What makes a run of the job for each line (`request_lines`), in one transaction, and rings; to be called once,
    inside. `common` holds for all lines that do not say otherwise. UsageError names the bad lines; where they are many,
    `tell` is given each of them as it is met, if there is one, and the error counts them: nothing is made.

    Everything is read and checked before the store is locked, and never held in memory as a whole.
    """
    maker = RunMaker(ctx, name, origin)
    with closing(_spool(ctx)) as spool:
        bad = _BadLines(name, tell)
        _accept(maker, read_requests(lines, common, ctx.clock.now()), spool, bad)
        yield lambda: _make(ctx, maker, spool)


def _make(ctx: Context, maker: RunMaker, spool: IO[bytes]) -> Enqueued:
    run_ids, existed, differing = array("q"), 0, 0
    now = ctx.clock.now()
    with ctx.store.transaction():
        for block in _blocks(spool):
            made = ctx.store.runs.add_many([maker.run(order, now) for order in block])
            run_ids.extend(one.id for one in made)
            before = [(one.id, order) for one, order in zip(made, block, strict=True) if one.existed]
            existed += len(before)
            differing += sum(differ(get_run(ctx, run_id), order) for run_id, order in before)
        if maker.origin is Origin.MANUAL and (new := len(run_ids) - existed):
            ctx.store.events.record(Event(now, actor(), "run", job=maker.job, detail=f"{new:,} from lines"))
    ctx.ring()
    return Enqueued(run_ids, existed, differing)


def _spool(ctx: Context) -> IO[bytes]:
    _ = ctx.store  # makes the state directory, where there is room for what comes into the store anyway
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(ctx.places.state_dir))  # noqa: SIM115
    return cast("IO[bytes]", spool)


class _BadLines:
    """The lines that are no runs: kept for the error while they are few, told and forgotten once they are many."""

    def __init__(self, name: str, tell: Callable[[str], None] | None) -> None:
        self.count = 0
        self._name = name
        self._tell = tell
        self._kept: list[str] = []

    def add(self, number: int, problems: Sequence[str]) -> None:
        self.count += 1
        self._kept += [f"line {number}: {problem}" for problem in problems[:_OF_A_LINE]]
        if self._tell is not None and self.count > _IN_THE_ERROR:
            for sentence in self._kept:
                self._tell(sentence)
            self._kept = []

    def error(self, total: int) -> UsageError:
        count = f"{self.count:,} of {total:,} lines {'is' if self.count == 1 else 'are'} no run of {self._name}"
        return UsageError("\n  ".join((count, *self._kept)), "nothing was queued: correct them and call again")


def _accept(
    maker: RunMaker, requests: Iterator[tuple[int, Request | WrongLine]], spool: IO[bytes], bad: _BadLines
) -> None:
    """Put the lines into the spool, in blocks of orders. UsageError when one is bad; the rest is read all the same."""
    block: list[tuple[Any, ...]] = []  # plain ones: pickle takes a quarter of the time for them
    size = total = 0
    for number, read in requests:
        total += 1
        answer = read if isinstance(read, WrongLine) else _asked(maker, read)
        if not isinstance(answer, Order):
            bad.add(number, answer.problems)
            continue
        block.append(tuple(answer))
        size += len(answer.params or "")
        if len(block) == _BLOCK_RUNS or size >= _BLOCK_SIZE:
            if not bad.count:
                pickle.dump(block, spool)
            block, size = [], 0
    pickle.dump(block, spool)
    if bad.count:
        raise bad.error(total)


def _asked(maker: RunMaker, request: Request) -> Order | WrongRequest:
    try:
        return maker.order(request)
    except WrongRequest as wrong:
        return wrong


def _blocks(spool: IO[bytes]) -> Iterator[list[Order]]:
    spool.seek(0)
    try:
        while True:
            yield list(map(Order._make, pickle.load(spool)))
    except EOFError:
        return
