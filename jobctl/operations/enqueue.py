"""Runs made on request: one of each job, or one for each line of a file. Durable when the calls return."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from jobctl.domain.run import NewRun, Origin
from jobctl.errors import UsageError
from jobctl.operations.context import Context
from jobctl.operations.request import Order, Request, RunMaker, WrongRequest
from jobctl.operations.request_lines import read_requests
from jobctl.store.records import AddedRun

_PROBLEMS_SHOWN = 50
_IN_MEMORY = 16 * 2**20  # bytes of accepted lines; more go to a file without a name
_BLOCK_RUNS, _BLOCK_BYTES = 5_000, 8 * 2**20  # what one call of the store gets


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The runs of a file, in the order of its lines; `existed` counts those that their ids had made before."""

    run_ids: Sequence[int]
    existed: int


def enqueue(ctx: Context, names: Sequence[str], request: Request, origin: Origin) -> list[AddedRun]:
    """Make one run of each job and ring; in the order of the names. WrongRequest: nothing was made.

    A request with a key that a kept run of the job has already gives that run.
    """
    with ctx.store.transaction():
        added = make_runs(ctx, dict.fromkeys(names), request, origin)
    ctx.ring()
    return added


def make_runs(ctx: Context, slots: Mapping[str, int | None], request: Request, origin: Origin) -> list[AddedRun]:
    """One run of each job, in the place of its slot where it has one. Belongs into the caller's transaction."""
    makers = [(RunMaker(ctx, name, origin), slot) for name, slot in slots.items()]
    orders = [(maker, maker.order(request), slot) for maker, slot in makers]  # all are right before one is made
    now = ctx.clock.now()
    return [ctx.store.runs.add(maker.run(order, now, slot)) for maker, order, slot in orders]


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
            for block in _blocks(spool, maker, now):
                for added in ctx.store.runs.add_many(block):
                    run_ids.append(added.id)
                    existed += added.existed
    ctx.ring()
    return Enqueued(run_ids, existed)


def _spool(ctx: Context) -> IO[bytes]:
    _ = ctx.store  # makes the state directory, where there is room for what comes into the store anyway
    import tempfile  # 10 ms, which a single run does not need

    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(ctx.places.state_dir))  # noqa: SIM115
    return cast("IO[bytes]", spool)


def _accept(name: str, maker: RunMaker, lines: BinaryIO, common: Request, now: int, spool: IO[bytes]) -> None:
    """Put every line into the spool as an order. UsageError when one is bad; the rest is then read for its mistakes."""
    told: list[str] = []
    bad = total = 0
    for number, read in read_requests(lines, common, now):
        total += 1
        try:
            if isinstance(read, WrongRequest):
                raise read
            order = maker.order(read)
        except WrongRequest as error:
            bad += 1
            told += [f"line {number}: {problem}" for problem in error.problems[: _PROBLEMS_SHOWN - len(told)]]
        else:
            if not bad:
                spool.write(json.dumps(order).encode() + b"\n")
    if bad:
        count = f"{bad:,} of {total:,} lines {'is' if bad == 1 else 'are'} no run of {name}"
        more = ("…",) if bad > len(told) else ()
        raise UsageError("\n  ".join((count, *told, *more)), "nothing was queued: correct them and call again")


def _blocks(spool: IO[bytes], maker: RunMaker, now: int) -> Iterator[list[NewRun]]:
    block: list[NewRun] = []
    size = 0
    spool.seek(0)
    for line in spool:
        block.append(maker.run(Order._make(json.loads(line)), now))
        size += len(line)
        if len(block) == _BLOCK_RUNS or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    yield block
