"""Pruning by hand: the bounds in force applied now, or an age given for once; and what would go."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from jobctl.domain.job import JobRetention
from jobctl.domain.retention import EVERYTHING, Ending, Policy, Scope, ending_of, policy_of
from jobctl.domain.settings import Retention
from jobctl.domain.units import format_size
from jobctl.operations.context import Context, actor
from jobctl.operations.definitions import load_configuration
from jobctl.operations.freshness import has_only_runs
from jobctl.process.old_logs import remove_logs
from jobctl.store.pruning import Pruning
from jobctl.store.records import Event, Log
from jobctl.store.retention import PastRun, overdue

_LEAST_REST = 0.005  # seconds after each slice; a slice that took longer is followed by a rest as long


@dataclass(slots=True)
class Share:
    """How much of something goes or is gone."""

    runs: int = 0
    log_bytes: int = 0

    def add(self, found: Sequence[PastRun]) -> None:
        self.runs += len(found)
        self.log_bytes += sum(run.log_bytes for run in found)


@dataclass(slots=True)
class Pruned:
    """What goes or is gone: all together, and by job and class of ending."""

    total: Share = field(default_factory=Share)
    shares: dict[tuple[str, Ending], Share] = field(default_factory=lambda: defaultdict(Share))
    problems: list[OSError] = field(default_factory=list)  # logs that could not be deleted
    interrupted: bool = False

    def add(self, found: Sequence[PastRun]) -> None:
        self.total.add(found)
        for run in found:
            self.shares[run.job, ending_of(run.status)].add([run])


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whoever waits for a pruning: is told how far it is, and may end it between two slices."""

    progress: Callable[[Share], None] = lambda share: None
    interrupted: Callable[[], bool] = lambda: False


def policy_in_force(ctx: Context) -> Policy:
    """The bounds that the daemon keeps; without one, those of the jobs file, or the defaults where `exec` does without
    one. JobsFileError: it cannot be read."""
    info = ctx.store.service.info() if ctx.daemon_pid is not None else None
    if info is None or info.settings is None:
        if has_only_runs(ctx):
            return policy_of(Retention(), {})
        configuration = load_configuration(ctx)
        own = {name: job.retention for name, job in configuration.jobs.items() if job.retention is not None}
        return policy_of(configuration.settings.retention, own)
    settings = json.loads(info.settings)
    written = {key: json.loads(settings.get(f"retention.{key}", "null")) for key in asdict(Retention())}
    stored = {name: json.loads(one.definition) for name, one in ctx.store.jobs.definitions().items()}
    of_jobs = {name: JobRetention(**keys["retention"]) for name, keys in stored.items() if keys.get("retention")}
    return policy_of(Retention(**written), of_jobs)


def what_would_go(ctx: Context, policy: Policy, scope: Scope = EVERYTHING) -> Pruned:
    """The same as `prune` would remove now; nothing is changed and nobody waits for it."""
    pruned = Pruned()
    for found in overdue(ctx.store.retention, policy, ctx.clock.now(), scope, dry_run=True):
        pruned.add(found)
    return pruned


def prune(
    ctx: Context,
    policy: Policy,
    scope: Scope = EVERYTHING,
    watcher: Watcher | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Pruned:
    """Remove what has passed its bound, in slices, between which others write and an interruption is harmless."""
    watcher = Watcher() if watcher is None else watcher
    pruned = Pruned()

    def remove(logs: Sequence[Log]) -> None:
        pruned.problems.extend(remove_logs(ctx.places.log_file(*log) for log in logs))

    pruning = Pruning(ctx.store, remove, policy, ctx.clock.now(), scope)
    while not pruned.interrupted:
        begun_at = ctx.clock.boottime()
        done = pruning.next_slice()
        if done is None:
            break
        took = ctx.clock.boottime() - begun_at
        pruning.took(took)
        pruned.add(done.gone)
        watcher.progress(pruned.total)
        pruned.interrupted = watcher.interrupted()
        if done.gone:
            pause(max(_LEAST_REST, took / 1000))
    if pruned.total.runs:
        ctx.store.events.record(Event(ctx.clock.now(), actor(), "prune", detail=_in_words(pruned.total)))
    return pruned


def _in_words(share: Share) -> str:
    return f"{share.runs:,} {'run' if share.runs == 1 else 'runs'}, {format_size(share.log_bytes)} of logs"
