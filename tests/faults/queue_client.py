"""A client of the crowd: enqueues as `jobctl enqueue` does, without a new interpreter for each.

`queue_client.py CONFIG STATE_DIR WHO FIRST COUNT INTERVAL`: requests FIRST to COUNT - 1 of client WHO. Prints a line of
JSON for each run after it was acknowledged; what was one call is one write.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from jobctl.domain.run import Origin
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.enqueue import enqueue
from jobctl.operations.enqueue_lines import accepted_lines
from jobctl.operations.request import PLAIN, Request
from jobctl.wiring import open_context
from tests.faults.queue_work import Wanted, in_one_call, wanted


def main() -> None:
    config, state_dir, *numbers, interval = sys.argv[1:]
    who, first, count = map(int, numbers)
    context = open_context(Path(config), Path(state_dir))
    while first < count:
        requests = [wanted(who, number) for number in range(first, min(first + in_one_call(first), count))]
        now = time.time_ns() // 1_000_000
        ids = _by_file(context, requests) if in_one_call(first) > 1 else [_alone(context, requests[0], now)]
        told = [_line(who, first + at, run_id, requests[at], now) for at, run_id in enumerate(ids)]
        os.write(1, "".join(told).encode())
        first += len(requests)
        time.sleep(float(interval) * len(requests))
    context.close()


def _alone(context: Context, request: Wanted, now: int) -> int:
    due_at = now + request.delay_ms if request.delay_ms else None
    wishes = Request(
        params={"text": request.text}, texts={"fails": [str(request.fails)]}, due_at=due_at,
        priority=request.priority, retries=request.retries, key=request.key,
    )  # fmt: skip
    (run,) = enqueue(context, [request.job], wishes, Origin.QUEUE)
    return run.id


def _by_file(context: Context, requests: Sequence[Wanted]) -> Sequence[int]:
    lines = [json.dumps(_wishes(request)) for request in requests]
    file = io.BytesIO("\n".join(lines).encode())
    with accepted_lines(context, requests[0].job, file, PLAIN, Origin.QUEUE) as make:
        return make().run_ids


def _wishes(request: Wanted) -> dict[str, object]:
    wishes: dict[str, object] = {
        "params": {"text": request.text, "fails": request.fails}, "priority": request.priority, "id": request.key,
        "retries": request.retries, "delay": f"{request.delay_ms}ms" if request.delay_ms else None,
    }  # fmt: skip
    return {name: wish for name, wish in wishes.items() if wish is not None}


def _line(who: int, number: int, run_id: int, request: Wanted, now: int) -> str:
    """Of a key nobody knows here who used it first, and so from when its delay counts."""
    not_before = now + request.delay_ms if request.key is None else None
    told = {
        "who": who, "number": number, "run": to_text(run_id), "job": request.job, "key": request.key,
        "digest": request.digest, "not_before": not_before,
    }  # fmt: skip
    return json.dumps(told) + "\n"


if __name__ == "__main__":
    main()
