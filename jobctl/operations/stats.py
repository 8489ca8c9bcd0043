"""How jobs do over a period, against the period before it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobctl.domain.run import Run
from jobctl.domain.tally import Span, Tally
from jobctl.domain.trend import Trend, Verdict, judge
from jobctl.operations.context import Context
from jobctl.operations.history import jobs_of_history
from jobctl.store.records import Ends

_BY_HOUR_UP_TO_MS = 2 * int(Span.DAY)  # shorter periods are told by the hour
DAYS_OF_HOURS = 35  # older hours are not kept
_TRIES = 5
Stored = TypeVar("Stored")
_NOTABLE = frozenset({Trend.FAILS_MORE, Trend.FAILS_OFTEN, Trend.SLOWER})


class Order(enum.Enum):
    """What the jobs are sorted by, the most of it first."""

    CPU = "cpu"
    MEMORY = "mem"
    TIME = "time"
    FAILURES = "failures"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until` (milliseconds): whole spans, the last of which may not be over yet."""

    since: int
    until: int
    span: Span

    @property
    def starts(self) -> range:
        """When each span begins."""
        return range(self.since, self.until, int(self.span))

    @property
    def end(self) -> int:
        """When the last span is over."""
        return self.since + len(self.starts) * int(self.span)

    def __contains__(self, at: int) -> bool:
        return self.since <= at < self.end

    def before(self) -> Period:
        """As many whole spans before this one."""
        return Period(2 * self.since - self.end, self.since, self.span)


@dataclass(frozen=True, slots=True)
class JobStats:
    """One job in a period."""

    job: str
    tally: Tally
    before: Tally
    verdict: Verdict


def period(now: int, since: int) -> Period:
    """The period from the hour or day that `since` lies in up to now."""
    span = Span.HOUR if now - since <= _BY_HOUR_UP_TO_MS else Span.DAY
    return Period(span.start_of(since), now, span)


def latest(now: int, length: int) -> Period:
    """So many milliseconds up to now, in whole hours or days of which the present one is the last."""
    span = Span.HOUR if length <= _BY_HOUR_UP_TO_MS else Span.DAY
    return Period(span.start_of(now) - (-(-length // span) - 1) * span, now, span)


def job_stats(
    ctx: Context,
    patterns: Sequence[str] | None,
    group: str | None,
    tag: str | None,
    wanted: Period,
    order: Order | None,
) -> list[JobStats]:
    """The selected jobs of which a run ended in the period or the one before. Without `order` those that stand out
    come first: what fails more often, then what gets slower. NotFound: no such job."""
    jobs = jobs_of_history(ctx, patterns, group, tag) if patterns or group is not None or tag is not None else None
    now = totals(ctx, wanted, jobs)
    before = totals(ctx, wanted.before(), jobs)
    found = []
    for job in {**now, **before}:
        tally, earlier = now.get(job, Tally()), before.get(job, Tally())
        found.append(JobStats(job, tally, earlier, judge(tally, earlier)))
    found.sort(key=_ORDERS[order] if order is not None else _what_stands_out)
    return found


def courses(ctx: Context, wanted: Period, jobs: Sequence[str]) -> list[list[Tally | None]]:
    """Of each of the jobs what ended in each span of the period; None: nothing."""
    found = _read(ctx, lambda: ctx.store.statistics.course(wanted.span, wanted.since, wanted.end, jobs))
    by_job = found.stored
    for run in found.unfolded:
        if run.job in jobs and _ended(run) in wanted:
            course = by_job.setdefault(run.job, {})
            course.setdefault(wanted.span.start_of(_ended(run)), Tally()).count(run)
    return [[by_job.get(job, {}).get(start) for start in wanted.starts] for job in jobs]


def calendar(ctx: Context, jobs: Sequence[str] | None, now: int, days: int) -> list[Ends]:
    """How many runs ended in each hour of the last days in which something did; of all jobs or of those named."""
    since = Span.HOUR.start_of(now - min(days, DAYS_OF_HOURS) * int(Span.DAY))
    return ctx.store.statistics.hours(since, Period(since, now, Span.HOUR).end, jobs)


def totals(ctx: Context, wanted: Period, jobs: Sequence[str] | None = None) -> dict[str, Tally]:
    """By job, what ended in the period; of all jobs or of those named."""
    found = _read(ctx, lambda: ctx.store.statistics.totals(wanted.span, wanted.since, wanted.end, jobs))
    named = None if jobs is None else set(jobs)
    for run in found.unfolded:
        if (named is None or run.job in named) and _ended(run) in wanted:
            found.stored.setdefault(run.job, Tally()).count(run)
    return found.stored


def totals_ever(ctx: Context) -> dict[str, Tally]:
    """By job, everything that ever ended."""
    found = _read(ctx, ctx.store.statistics.ever)
    for run in found.unfolded:
        found.stored.setdefault(run.job, Tally()).count(run)
    return found.stored


@dataclass(frozen=True, slots=True)
class _Found(Generic[Stored]):
    stored: Stored
    unfolded: list[Run]


def _read(ctx: Context, ask: Callable[[], Stored]) -> _Found[Stored]:
    """Tallies and the runs that none of them counts yet, as they were at one moment, if need be by reading again: an
    end is in one of the two, never in both."""
    unfolded = ctx.store.statistics.unfolded()
    for _ in range(_TRIES):
        stored = ask()
        before, unfolded = unfolded, ctx.store.statistics.unfolded()
        if before == unfolded:
            break
    return _Found(stored, unfolded)


def _ended(run: Run) -> int:
    return run.finished_at or 0


def _what_stands_out(one: JobStats) -> tuple[int, float, str]:
    trend = one.verdict.trend
    return (int(trend) if trend in _NOTABLE else len(Trend), -one.verdict.size, one.job)


_ORDERS: dict[Order, Callable[[JobStats], tuple[float, str]]] = {
    Order.CPU: lambda one: (-one.tally.cpu_ms, one.job),
    Order.MEMORY: lambda one: (-one.tally.max_rss_bytes, one.job),
    Order.TIME: lambda one: (-one.tally.duration_ms, one.job),
    Order.FAILURES: lambda one: (-one.tally.bad, one.job),
    Order.WAIT: lambda one: (-one.tally.wait_ms / max(1, one.tally.started), one.job),
}
