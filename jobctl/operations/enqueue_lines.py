"""Runs made on request, one for each line of a file: all of them or none, durable when the call returns."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from jobctl.domain.run import Origin
from jobctl.errors import UsageError
from jobctl.operations.context import Context
from jobctl.operations.request import Order, Request, RunMaker, WrongRequest
from jobctl.operations.request_lines import WrongLine, read_requests

_PROBLEMS_SHOWN = 50
_IN_MEMORY = 16 * 2**20  # bytes of accepted lines; more go to a file without a name
_BLOCK_RUNS, _BLOCK_SIZE = 5_000, 4 * 2**20  # what one call of the store gets: lines, and characters of payload


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The runs of a file, in the order of its lines; `existed` counts those that their ids had made before."""

    run_ids: Sequence[int]
    existed: int


def enqueue_lines(ctx: Context, name: str, lines: BinaryIO, common: Request, origin: Origin) -> Enqueued:
    """Make a run of the job for each line (`request_lines`), in one transaction, and ring. `common` holds for all lines
    that do not say otherwise. UsageError names the bad lines, the first of them if there are many: nothing was made.

    Everything is read and checked before the store is locked, and never held in memory as a whole.
    """
    maker = RunMaker(ctx, name, origin)
    run_ids, existed = array("q"), 0
    with closing(_spool(ctx)) as spool:
        _accept(name, maker, lines, common, ctx.clock.now(), spool)
        now = ctx.clock.now()
        with ctx.store.transaction():
            for block in _blocks(spool):
                for added in ctx.store.runs.add_many([maker.run(order, now) for order in block]):
                    run_ids.append(added.id)
                    existed += added.existed
    ctx.ring()
    return Enqueued(run_ids, existed)


def _spool(ctx: Context) -> IO[bytes]:
    _ = ctx.store  # makes the state directory, where there is room for what comes into the store anyway
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(ctx.places.state_dir))  # noqa: SIM115
    return cast("IO[bytes]", spool)


def _accept(name: str, maker: RunMaker, lines: BinaryIO, common: Request, now: int, spool: IO[bytes]) -> None:
    """Put the lines into the spool, in blocks of orders. UsageError when one is bad; the rest is read all the same."""
    block: list[Order] = []
    told: list[str] = []
    size = bad = total = 0
    for number, read in read_requests(lines, common, now):
        total += 1
        answer = read if isinstance(read, WrongLine) else _asked(maker, read)
        if not isinstance(answer, Order):
            bad += 1
            told += [f"line {number}: {problem}" for problem in answer.problems[: _PROBLEMS_SHOWN - len(told)]]
            continue
        block.append(answer)
        size += len(answer.params or "")
        if len(block) == _BLOCK_RUNS or size >= _BLOCK_SIZE:
            if not bad:
                pickle.dump(block, spool)
            block, size = [], 0
    pickle.dump(block, spool)
    if bad:
        count = f"{bad:,} of {total:,} lines {'is' if bad == 1 else 'are'} no run of {name}"
        more = ("…",) if len(told) == _PROBLEMS_SHOWN and bad > 1 else ()
        raise UsageError("\n  ".join((count, *told, *more)), "nothing was queued: correct them and call again")


def _asked(maker: RunMaker, request: Request) -> Order | WrongRequest:
    try:
        return maker.order(request)
    except WrongRequest as wrong:
        return wrong


def _blocks(spool: IO[bytes]) -> Iterator[list[Order]]:
    spool.seek(0)
    try:
        while True:
            yield pickle.load(spool)
    except EOFError:
        return
