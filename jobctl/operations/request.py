"""What is asked of a run beside its job, checked against the job, and the row that it becomes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from jobctl.domain.params import WrongParams, signature_from
from jobctl.domain.plain_payload import PlainPayloads
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.errors import UsageError
from jobctl.operations.context import Context

MAX_RETRIES = 1_000_000
MAX_KEY = 255  # characters


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Request(NamedTuple):
    """The wishes for one run; None leaves it to the job. `texts` are params as written (see Signature.payload)."""

    params: Mapping[str, object] = _NOTHING
    texts: Mapping[str, Sequence[str]] = _NOTHING
    due_at: int | None = None  # not before this instant
    priority: int | None = None
    retries: int | None = None
    key: str | None = None
    keep: bool = False


PLAIN = Request()  # no wishes: the run is as its job says


class Order(NamedTuple):
    """A request that its job takes, with everything resolved."""

    params: str | None
    due_at: int | None
    priority: int
    max_attempts: int
    own_budget: bool
    key: str | None
    keep: bool


class WrongRequest(UsageError):
    """What a job does not take; `problems` are sentences, all of them."""

    def __init__(self, job: str, problems: Sequence[str]) -> None:
        if len(problems) == 1:
            message = f"{job}: {problems[0]}"
        else:
            message = "\n  ".join((f"{job}: {len(problems)} things are wrong", *problems))
        super().__init__(message, f"`jobctl show {job}` shows what the job takes")
        self.problems = tuple(problems)


class RunMaker:
    """Makes the runs of one job, as it is defined now."""

    def __init__(self, ctx: Context, job: str, origin: Origin) -> None:
        keys = json.loads(ctx.store.jobs.definition(job) or "{}")
        self.job = job
        self.origin = origin
        self._signature = signature_from(job, keys)
        self._plain = PlainPayloads(self._signature.params)
        self._priority: int = keys.get("priority", 5)
        self._queue: str = keys.get("queue", "default")
        self._retries: int = keys.get("retries", 0)

    def order(self, request: Request) -> Order:
        """The request, checked. WrongRequest names everything that is wrong with it."""
        problems = _problems(request)
        payload = None if request.texts else self._plain.payload(request.params)
        if payload is None:
            try:
                payload = self._signature.payload(request.params, request.texts)
            except WrongParams as error:
                problems += error.problems
        if problems:
            raise WrongRequest(self.job, problems)
        retries = self._retries if request.retries is None else request.retries
        priority = self._priority if request.priority is None else request.priority
        own = request.retries is not None
        return Order(payload, request.due_at, priority, retries + 1, own, request.key, request.keep)

    def run(self, order: Order, now: int, slot: int | None = None) -> NewRun:
        """The run to add. An instant that has passed is now."""
        due_at = now if order.due_at is None else max(now, order.due_at)
        return NewRun(
            job=self.job,
            origin=self.origin,
            status=Status.QUEUED if due_at == now else Status.SCHEDULED,
            created_at=now,
            due_at=due_at,
            slot=slot,
            priority=order.priority,
            queue=self._queue,
            max_attempts=order.max_attempts,
            own_budget=order.own_budget,
            params=order.params,
            key=order.key,
            keep=order.keep,
        )


def differ(run: Run, order: Order) -> bool:
    """Whether a run that the id of an order had made before has other params."""
    return _canonical(run.params) != _canonical(order.params)


def _canonical(params: str | None) -> str:
    """As text, in which 1 and true are not the same."""
    return json.dumps(json.loads(params or "{}"), sort_keys=True)


def _problems(request: Request) -> list[str]:
    problems = []
    if request.priority is not None and not 1 <= request.priority <= 10:
        problems.append(f"priority {request.priority} is not from 1 (lowest) to 10 (highest)")
    if request.retries is not None and not 0 <= request.retries <= MAX_RETRIES:
        problems.append(f"retries {request.retries} is not from 0 to {MAX_RETRIES:,}")
    if request.key is not None and not (0 < len(request.key) <= MAX_KEY and request.key.isprintable()):
        problems.append(f"an id is 1 to {MAX_KEY} printable characters")
    return problems
