"""The ends of runs become the runs that they start: facts from the store, the decision of `domain.chain`, back into
the store. The daemon asks here in each tick, and so does whoever ends a run where no daemon lives.

The store keeps each end in the commit that holds it. Taking it and making what it starts is one commit, too; while
both are the same transaction, as usual, nobody ever sees one without the other. A process that dies between them
leaves the end to be taken, and no end is taken twice.
"""

import signal
from typing import TYPE_CHECKING, NamedTuple

from jobctl.domain.chain import Follower, child_of, follower_from, is_joined, started_by
from jobctl.domain.policies import REPLACED_BY, Overlap
from jobctl.domain.run import NewRun, RunEnd

if TYPE_CHECKING:
    from jobctl.store.interface import Store

_AT_ONCE = 200  # ends of one transaction, which may have been gathered by a recovery


class Started(NamedTuple):
    """A run that an end made; `run.status` is QUEUED, or SKIPPED with its reason."""

    run_id: int
    run: NewRun
    end: RunEnd


def follow_ends(store: "Store", now: int, *, scheduling: bool) -> list[Started]:
    """Take the oldest ends that nobody has followed, and make the runs that they start.

    Without `scheduling` nothing starts by itself and the ends count for nothing, as for jobs that are disabled.
    Belongs into the caller's transaction.
    """
    if not store.chains.has_ends():
        return []
    started = []
    for end in store.chains.take_ends(_AT_ONCE):
        for name in store.chains.followers(end.job) if scheduling else ():
            follower = _follower(store, name, now)
            made = _follow(store, follower, end, now) if follower is not None else None
            if made is not None:
                started.append(made)
    return started


def _follower(store: "Store", name: str, now: int) -> Follower | None:
    """The job as it is defined now; None when it is disabled."""
    definition = store.jobs.definition(name)
    if definition is None:
        return None
    follower = follower_from(name, definition)
    [row] = store.jobs.rows([name])
    is_disabled = row.disabled_by is not None and (row.disabled_until is None or row.disabled_until > now)
    return follower if follower.enabled and not is_disabled else None


def _follow(store: "Store", follower: Follower, end: RunEnd, now: int) -> Started | None:
    arrived = store.chains.arrivals(follower.name)
    parents = started_by(follower.chain, end, arrived)
    if not parents:
        if is_joined(follower.chain, end.job):
            store.chains.arrive(follower.name, end)
        return None
    active = store.runs.active(follower.name)
    child = child_of(follower, parents, active, now)
    run_id = store.chains.start(child, parents)
    if run_id is None:
        return None
    if follower.overlap is Overlap.REPLACE:
        for run in active:
            store.runs.request_cancel(run.id, signal.SIGTERM, REPLACED_BY, now)
    return Started(run_id, child, end)
