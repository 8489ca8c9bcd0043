"""Chains: what the end of a run starts. Pure: the daemon, recovery and `run` without a daemon ask here.

What counts is how the newest ended run of each parent ended. A job that comes `after` several starts once the newest
end of each of them is a success and none of these ends has started it before.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jobctl.domain.admission import overlap_reason
from jobctl.domain.own_variables import MAX_VARIABLE
from jobctl.domain.policies import Chain, Overlap
from jobctl.domain.run import DEAD, NewRun, Origin, Run, RunEnd, Status
from jobctl.domain.run_id import to_text

_RESULTS_TOGETHER = 100_000  # bytes; more would not fit into one variable


class Follower(NamedTuple):
    """A job that comes after others, as it is defined and switched now."""

    name: str
    chain: Chain
    overlap: Overlap
    priority: int
    queue: str
    max_attempts: int
    start_deadline: float | None
    enabled: bool  # by its file; `disable` is kept elsewhere


def follower_from(name: str, definition: str) -> Follower:
    """What chains need to know of a resolved definition (JSON)."""
    import json  # 2 ms, where jobs come after others

    keys = json.loads(definition)
    return Follower(
        name=name,
        chain=chain_from(keys),
        overlap=Overlap(keys["overlap"]),
        priority=keys["priority"],
        queue=keys["queue"],
        max_attempts=keys["retries"] + 1,
        start_deadline=keys["start_deadline"],
        enabled=keys["enabled"],
    )


def chain_from(keys: Mapping[str, Sequence[str]]) -> Chain:
    """The chain within the keys of a resolved definition."""
    return Chain(*(tuple(keys.get(key, ())) for key in Chain._fields))


def started_by(chain: Chain, end: RunEnd, arrived: Mapping[str, RunEnd]) -> tuple[RunEnd, ...]:
    """The ends that start the job now that `end` has come, the new one first; none when it does not start.

    `arrived` holds the newest end of each other parent that has not started the job yet.
    """
    newest = {**arrived, end.job: end}
    succeeded = {name for name, one in newest.items() if one.status is Status.SUCCEEDED}
    wanted: list[str] = []
    if end.job in chain.after and succeeded.issuperset(chain.after):
        wanted += chain.after
    if end.job in chain.after_failure and end.status in DEAD:
        wanted.append(end.job)
    if end.job in chain.after_any and newest.keys() >= set(chain.after_any):
        wanted += chain.after_any
    others = dict.fromkeys(name for name in wanted if name != end.job)
    return (end, *(newest[name] for name in others)) if wanted else ()


def is_joined(chain: Chain, job: str) -> bool:
    """Whether an end of `job` may have to wait for those of other jobs."""
    return any(job in names and len(names) > 1 for names in (chain.after, chain.after_any))


def child_of(follower: Follower, parents: Sequence[RunEnd], active: Sequence[Run], now: int) -> NewRun:
    """The run that these ends start. It was due when the first of `parents`, the newest, ended; the other runs of the
    job that are active are in its way as they are in the way of a slot."""
    due_at = min(parents[0].finished_at, now)
    skipped = bool(active) and follower.overlap is Overlap.SKIP
    deadline = follower.start_deadline
    return NewRun(
        job=follower.name,
        origin=Origin.CHAIN,
        status=Status.SKIPPED if skipped else Status.QUEUED,
        created_at=now,
        due_at=due_at,
        start_by=due_at + round(deadline * 1000) if deadline is not None else None,
        priority=follower.priority,
        queue=follower.queue,
        max_attempts=follower.max_attempts,
        parent_id=parents[0].run_id,
        reason=overlap_reason(active[0]) if skipped else None,
    )


def variables(parents: Sequence[RunEnd]) -> dict[str, str]:
    """What a run that other runs started finds in its environment; nothing for one that was not.

    A result that the kernel takes in no variable is left out as `null`; so are all of `JOBCTL_PARENTS` when they are
    too much together.
    """
    if not parents:
        return {}
    first = parents[0]
    results = [one.result or "null" for one in parents]
    together = sum(len(result.encode()) for result in results) <= _RESULTS_TOGETHER
    documents = (_document(one, result if together else "null") for one, result in zip(parents, results, strict=True))
    return {
        "JOBCTL_PARENT_JOB": first.job,
        "JOBCTL_PARENT_RUN_ID": to_text(first.run_id),
        "JOBCTL_PARENT_STATUS": first.status.word,
        "JOBCTL_PARENT_RESULT": _fitting("JOBCTL_PARENT_RESULT", results[0]),
        "JOBCTL_PARENTS": _fitting("JOBCTL_PARENTS", f"[{','.join(documents)}]"),
    }


def _document(end: RunEnd, result: str) -> str:
    import json  # as above

    names = json.dumps({"job": end.job, "run_id": to_text(end.run_id), "status": end.status.word})
    return f'{names[:-1]}, "result": {result}}}'


def _fitting(name: str, text: str) -> str:
    return text if len(name) + 1 + len(text.encode()) < MAX_VARIABLE else "null"
