"""What a monitoring system wants to know, in numbers: of the daemon, the queues and each job."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from jobctl.domain.run import Status
from jobctl.domain.tally import Span, Tally
from jobctl.operations.context import Context
from jobctl.operations.stats import Period, totals, totals_ever
from jobctl.operations.status import DaemonState, daemon_state, disk_free
from jobctl.store.records import JobListing, MissedStarts, QueueLoad

# Upper bounds of the durations that are told apart, in milliseconds: from a tenth of a second to a day.
DURATION_BOUNDS_MS = (
    100, 500, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, 43_200_000, 86_400_000,
)  # fmt: skip
_EVER = 2**62


@dataclass(frozen=True, slots=True)
class Metrics:
    """Everything, as it was at `now`. Instants are milliseconds.

    `tallies` hold all that ever ended of each job, `today` what ended of it since midnight in
    UTC; jobs without such an end are in neither. `missed` are those that have missed their last
    starts. `waiting_since` is by queue, `alerts` counts open ones by severity."""

    now: int
    daemon: DaemonState
    jobs: JobListing
    last_successes: dict[str, int]
    missed: tuple[MissedStarts, ...]
    tallies: dict[str, Tally]
    today: dict[str, Tally]
    counts: dict[Status, int]
    queues: tuple[QueueLoad, ...]
    waiting_since: dict[str, int]
    dead_letters: int
    alerts: dict[str, int]
    disk_free: int


def metrics(ctx: Context) -> Metrics:
    """Gather it from the store, with and without a daemon; a few questions however many jobs there are."""
    store = ctx.store
    now = ctx.clock.now()
    return Metrics(
        now=now,
        daemon=daemon_state(ctx),
        jobs=store.jobs.listing(),
        last_successes=store.jobs.last_successes(),
        missed=tuple(store.jobs.missed_in_a_row()),
        tallies=totals_ever(ctx),
        today=totals(ctx, Period(Span.DAY.start_of(now), _EVER, Span.DAY)),
        counts=store.runs.counts(),
        queues=tuple(store.runs.queue_loads()),
        waiting_since=store.runs.waiting_since(),
        dead_letters=store.runs.dead_letters(),
        alerts=Counter(alert.severity for alert in store.alerts.open()),
        disk_free=disk_free(ctx),
    )
