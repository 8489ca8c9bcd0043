"""One job with all that is known of it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from jobctl.domain.definition_records import CHAIN_KEYS
from jobctl.domain.run import Run, RunEnd
from jobctl.operations.context import Context
from jobctl.operations.progress import with_progress
from jobctl.store.records import HistoryFilter, JobRow

RECENT_RUNS = 10


class JobDetail(NamedTuple):
    """One job. `definition` has every default resolved and no secret; `recent` holds the newest runs, newest first."""

    row: JobRow
    definition: dict[str, Any]
    recent: tuple[Run, ...]
    followers: Mapping[str, tuple[str, ...]]  # the jobs that come after it, and the keys that say so
    arrived: tuple[RunEnd, ...] = ()  # ends of parents that wait for those of the others
    is_defined: bool = True
    removed_at: int | None = None  # it is defined no more, and this is what it was

    @property
    def last_run(self) -> Run | None:
        """The run that the listing calls the last."""
        return next((run for run in self.recent if run.id == self.row.last_run_id), None)


def job_detail(ctx: Context, name: str) -> JobDetail:
    """Everything about a job that is defined, or was, or has runs of `exec`."""
    removed = ctx.store.jobs.removed(name)
    row = removed.row if removed is not None else ctx.store.jobs.rows([name])[0]
    definition = removed.definition if removed is not None else ctx.store.jobs.definition(name)
    recent = list(ctx.store.runs.history(HistoryFilter(jobs=(name,), limit=RECENT_RUNS)))
    if row.last_run_id is not None and all(run.id != row.last_run_id for run in recent):
        last = ctx.store.runs.get(row.last_run_id)
        recent += [last] if last is not None else []
    return JobDetail(
        row=row,
        definition=_masked(_read(definition)),
        recent=tuple(with_progress(ctx, recent)),
        followers=_followers(ctx, name),
        arrived=tuple(ctx.store.chains.arrivals(name).values()),
        removed_at=removed.removed_at if removed is not None else None,
        is_defined=removed is None,
    )


def _read(definition: str | None) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(definition or "{}")
    return read


def _masked(definition: dict[str, Any]) -> dict[str, Any]:
    """What the store keeps of a secret that stands in the jobs file is a digest, by which a change is seen. Nobody else
    has a use for it but who guesses the secret."""
    from jobctl.domain.masking import MASK  # regular expressions, where there is something to hide

    env = definition.get("env") or {}
    hidden = {name: MASK for name in definition.get("secrets") or () if isinstance(env.get(name), str)}
    if hidden:
        definition["env"] = env | hidden
    if isinstance(definition.get("heartbeat"), str):
        definition["heartbeat"] = MASK
    return definition


def _followers(ctx: Context, name: str) -> dict[str, tuple[str, ...]]:
    followers = ctx.store.chains.followers(name)
    definitions = ((follower, _read(ctx.store.jobs.definition(follower))) for follower in followers)
    return {
        follower: tuple(key for key in CHAIN_KEYS if name in definition.get(key, ()))
        for follower, definition in definitions
    }
